import { randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import {
  link,
  mkdir,
  readdir,
  readFile,
  rename,
  rmdir,
  stat,
  unlink,
  utimes,
  writeFile,
} from "node:fs/promises";
import { hostname } from "node:os";
import { basename, dirname, join } from "node:path";
import { systemClock } from "../clock.js";
import { BusyError } from "../errors.js";
import { isSystemError, lacksLinks } from "./write-error.js";

/** Times in milliseconds. */
const heartbeat = 30_000;
/** Taking over a dead lock is a matter of milliseconds. */
const longestTakeover = 2_000;
const takeoverPolling = 50;

/**
 * Keeps a second run away from what a first one works on. A lock whose process is gone, as after
 * `kill -9` or a power loss, is taken over.
 */
export class Lock {
  readonly #path: string;
  readonly #content: string;
  readonly #heartbeat: NodeJS.Timeout;

  private constructor(path: string, content: string) {
    this.#path = path;
    this.#content = content;
    this.#heartbeat = setInterval(() => {
      const now = new Date();
      utimes(path, now, now).catch(() => {});
    }, heartbeat).unref();
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
      if ((await putDown(draft, path)) || (await takeOver(draft, path))) {
        return new Lock(path, own);
      }
    } finally {
      await unlink(draft).catch(() => {});
    }
    throw new BusyError(`Another sparky-events is writing ${what} at this moment.`, {
      hint: `Wait for it, or name another file with --out. If no other one runs: rm "${path}"`,
    });
  }

  /** Whether nobody has taken the lock away, by hand or by mistake. */
  async isHeld(): Promise<boolean> {
    return (await readFile(this.#path, "utf8").catch(() => "")) === this.#content;
  }

  async release(): Promise<void> {
    clearInterval(this.#heartbeat);
    if (await this.isHeld()) {
      await removeDeadDrafts(this.#path).catch(() => {});
      await unlink(this.#path).catch(() => {});
    }
  }
}

/** A process that is killed while it asks for the lock leaves its draft. */
async function removeDeadDrafts(path: string): Promise<void> {
  const folder = dirname(path);
  for (const name of await readdir(folder)) {
    const draft = join(folder, name);
    const isDraft = name.replace(/-[0-9a-f]{16}$/, "") === basename(path) && draft !== path;
    if (isDraft && !(await isAlive(draft))) {
      await unlink(draft);
    }
  }
}

/** Makes the lock out of the draft, in one step. */
async function putDown(draft: string, path: string): Promise<boolean> {
  try {
    await link(draft, path);
    return true;
  } catch (error) {
    if (isSystemError(error) && error.code === "EEXIST") {
      return false;
    }
    if (lacksLinks(error)) {
      return putDownWithoutLinks(draft, path);
    }
    throw error;
  }
}

/** For file systems without hard links: whoever reads the lock too early takes it for a young one. */
async function putDownWithoutLinks(draft: string, path: string): Promise<boolean> {
  try {
    await writeFile(path, await readFile(draft), { mode: 0o600, flag: "wx" });
    return true;
  } catch (error) {
    if (isSystemError(error) && error.code === "EEXIST") {
      return false;
    }
    throw error;
  }
}

/** Replaces a dead lock; one process at a time, so that nobody replaces a fresh one. */
async function takeOver(draft: string, path: string): Promise<boolean> {
  const guard = `${path}-takeover`;
  while (!(await enter(guard))) {
    // Whoever is in there is done in no time, or was killed and is overdue soon.
    await systemClock.sleep(takeoverPolling);
  }
  try {
    if (await isAlive(path)) {
      return false;
    }
    await rename(draft, path);
    return true;
  } finally {
    await rmdir(guard).catch(() => {});
  }
}

async function enter(guard: string): Promise<boolean> {
  try {
    await mkdir(guard);
    return true;
  } catch (error) {
    if (!isSystemError(error) || error.code !== "EEXIST") {
      throw error;
    }
  }
  // Left behind by a process that was killed in the midst of it: the next attempt succeeds.
  if ((await ageOf(guard)) > longestTakeover) {
    await rmdir(guard).catch(() => {});
  }
  return false;
}

async function isAlive(path: string): Promise<boolean> {
  let holder: { pid: number; host: string; started?: string };
  try {
    holder = JSON.parse(await readFile(path, "utf8"));
  } catch {
    // Emptied by a power loss, or being written at this moment; the latter is over in no time.
    return (await ageOf(path)) < longestTakeover;
  }
  if (holder.host !== hostname()) {
    // Nobody can ask another machine for its processes, but a live one keeps touching its lock.
    return (await ageOf(path)) < 4 * heartbeat;
  }
  try {
    process.kill(holder.pid, 0);
  } catch (error) {
    return isSystemError(error) && error.code === "EPERM";
  }
  // The number of a process that is gone is given to another one sooner or later.
  return startOf(String(holder.pid)) === holder.started;
}

async function ageOf(path: string): Promise<number> {
  try {
    return Date.now() - (await stat(path)).mtimeMs;
  } catch {
    return Number.POSITIVE_INFINITY;
  }
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
