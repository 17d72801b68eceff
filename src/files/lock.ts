import { createHash, randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import {
  open,
  readdir,
  readFile,
  rename,
  rmdir,
  unlink,
  utimes,
  writeFile,
} from "node:fs/promises";
import { hostname } from "node:os";
import { basename, dirname, join } from "node:path";
import { BusyError } from "../errors.js";
import { hasCode } from "./errno.js";
import { addNameOrCopy } from "./rename-and-link.js";

/** What the lock of a folder is called. */
export const lockName = "lock";

/** Times in milliseconds. */
const heartbeat = 30_000;
/** How long a lock may be unreadable because it is being written: that is a matter of milliseconds. */
const longestWriting = 2_000;

/** How often something is tried again that others have undone at the same moment. */
const mostAttempts = 100;

/**
 * Keeps a second run away from what a first one works on. A lock whose process is gone, as after
 * `kill -9` or a power loss, is taken over.
 */
export class Lock {
  readonly #path: string;
  readonly #content: string;
  readonly #heartbeat: NodeJS.Timeout;
  #isReleased = false;

  private constructor(path: string, content: string) {
    this.#path = path;
    this.#content = content;
    this.#heartbeat = setInterval(() => this.#touch().catch(() => {}), heartbeat).unref();
  }

  /**
   * @param path of the lock; files beside it begin with the same name
   * @param what is locked, for the error
   * @throws BusyError where another process holds the lock
   */
  static async acquire(path: string, what: string): Promise<Lock> {
    const id = randomBytes(8).toString("hex");
    const own = JSON.stringify({
      pid: process.pid,
      host: hostname(),
      started: startOf("self"),
      id,
    });
    // A lock must not be seen before its content is whole, so it is made elsewhere first.
    const draft = `${path}-${id}`;
    await writeFile(draft, own, { mode: 0o600, flag: "wx" });
    try {
      if (await obtain(draft, path)) {
        return new Lock(path, own);
      }
    } finally {
      await unlink(draft).catch(() => {});
    }
    throw new BusyError(`Another sparky-events is writing ${what} at this moment.`, {
      hint: `Wait for it, or name another file with --out. If no other one runs: rm "${path}"`,
    });
  }

  /**
   * Locks a folder, by a file in it.
   *
   * @param make makes the folder where it is not there: another run may remove it, when it is done
   * @param what is locked, for the error
   * @throws BusyError where another process holds the lock
   */
  static async acquireIn(folder: string, make: () => Promise<void>, what: string): Promise<Lock> {
    for (let attempt = 1; ; attempt++) {
      await make();
      try {
        return await Lock.acquire(join(folder, lockName), what);
      } catch (error) {
        if (error instanceof BusyError) {
          // Whoever was at work could not remove the folder while this run looked at the lock.
          await rmdir(folder).catch(() => {});
        }
        if (!hasCode(error, "ENOENT") || attempt === mostAttempts) {
          throw error;
        }
      }
    }
  }

  /** Whether it has not been released, and nobody has taken it away, by hand or by mistake. */
  async isHeld(): Promise<boolean> {
    const content = this.#isReleased ? "" : await readFile(this.#path, "utf8").catch(() => "");
    return content === this.#content;
  }

  /** Does nothing where it is not held any more. */
  async release(): Promise<void> {
    clearInterval(this.#heartbeat);
    const wasHeld = await this.isHeld();
    this.#isReleased = true;
    if (wasHeld) {
      await removeDead(this.#path).catch(() => {});
      await unlink(this.#path).catch(() => {});
    }
  }

  async #touch(): Promise<void> {
    if (await this.isHeld()) {
      const now = new Date();
      await utimes(this.#path, now, now);
    }
  }
}

/** Whether a living process has the lock of a folder. */
export async function isAtWork(folder: string): Promise<boolean> {
  const holder = await look(join(folder, lockName));
  return holder !== undefined && isAlive(holder);
}

/** A process that is killed while it asks for the lock leaves its draft, and its claim. */
async function removeDead(path: string): Promise<void> {
  const folder = dirname(path);
  for (const name of await readdir(folder)) {
    const file = join(folder, name);
    const isOurs = name.replace(/(-after)?-[0-9a-f]{16}$/, "") === basename(path) && file !== path;
    const owner = isOurs ? await look(file) : undefined;
    if (owner && !isAlive(owner)) {
      await unlink(file);
    }
  }
}

/** @returns whether the draft is the lock now; not where a living process has it */
async function obtain(draft: string, path: string): Promise<boolean> {
  for (let attempt = 1; attempt <= mostAttempts; attempt++) {
    if (await addNameOrCopy(draft, path)) {
      return true;
    }
    const holder = await look(path);
    if (holder && isAlive(holder)) {
      return false;
    }
    // Where it was given back, or replaced, since somebody looked: anew.
    const taken = holder && (await takeOver(draft, path, holder));
    if (taken !== undefined) {
      return taken;
    }
  }
  return false;
}

/**
 * Replaces a dead lock. Only one process may, or another would replace the lock of the first: the one
 * that makes the claim, a file named after the dead lock. A claim whose process is gone too is claimed in
 * the same way.
 *
 * @returns false where a living process has the claim; undefined where the lock is another one by now
 */
async function takeOver(draft: string, path: string, dead: Found): Promise<boolean | undefined> {
  const owners = [dead];
  for (let last = dead; owners.length <= mostAttempts; ) {
    const claim = `${path}-after-${last.id}`;
    if (await addNameOrCopy(draft, claim)) {
      try {
        const now = await look(path);
        if (!owners.some(({ id }) => id === now?.id)) {
          return undefined;
        }
        await rename(draft, path);
        return true;
      } finally {
        await unlink(claim).catch(() => {});
      }
    }
    const claimant = await look(claim);
    if (!claimant) {
      return undefined;
    }
    if (isAlive(claimant)) {
      return false;
    }
    owners.push(claimant);
    last = claimant;
  }
  return false;
}

/** A lock, or a claim to one, as it was found. */
interface Found {
  /** Tells it from any other. */
  readonly id: string;
  readonly content: string;
  /** When it was written or touched, in milliseconds ago. */
  readonly age: number;
}

/** @returns undefined where nothing is there */
async function look(path: string): Promise<Found | undefined> {
  try {
    const file = await open(path);
    try {
      const { ino, mtimeNs, mtimeMs } = await file.stat({ bigint: true });
      const content = await file.readFile("utf8");
      const id = createHash("sha256").update(`${ino} ${mtimeNs} ${content}`).digest("hex");
      return { id: id.slice(0, 16), content, age: Date.now() - Number(mtimeMs) };
    } finally {
      await file.close();
    }
  } catch (error) {
    if (hasCode(error, "ENOENT")) {
      return undefined;
    }
    throw error;
  }
}

function isAlive({ content, age }: Found): boolean {
  let holder: { pid: number; host: string; started?: string };
  try {
    holder = JSON.parse(content);
  } catch {
    // Emptied by a power loss, or being written at this moment; the latter is over in no time.
    return age < longestWriting;
  }
  if (holder.host !== hostname()) {
    // Nobody can ask another machine for its processes, but a live one keeps touching its lock.
    return age < 4 * heartbeat;
  }
  try {
    process.kill(holder.pid, 0);
  } catch (error) {
    return hasCode(error, "EPERM");
  }
  // The number of a process that is gone is given to another one sooner or later.
  return startOf(String(holder.pid)) === holder.started;
}

/**
 * When a process began, where the system tells: field 22 of /proc/PID/stat, see proc(5).
 *
 * A zombie has ended, although its number is still taken, and gets none.
 */
function startOf(pid: string): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    return fields[0] === "Z" ? undefined : fields[19];
  } catch {
    return undefined;
  }
}
