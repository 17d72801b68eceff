import { readFileSync } from "node:fs";
import { open, readFile, rename, stat, unlink, utimes } from "node:fs/promises";
import { hostname } from "node:os";
import { UsageError } from "../errors.js";
import { isSystemError } from "./write-error.js";

const heartbeat = 30_000;

/**
 * Keeps a second run away from what a first one works on. A lock whose process is gone, as after
 * `kill -9` or a power loss, is taken over.
 */
export class Lock {
  readonly #path: string;
  readonly #heartbeat: NodeJS.Timeout;

  private constructor(path: string) {
    this.#path = path;
    this.#heartbeat = setInterval(() => {
      const now = new Date();
      utimes(path, now, now).catch(() => {});
    }, heartbeat).unref();
  }

  /**
   * @param what is locked, for the error
   * @throws UsageError where another process holds the lock
   */
  static async acquire(path: string, what: string): Promise<Lock> {
    const own = JSON.stringify({ pid: process.pid, host: hostname(), started: startOf("self") });
    if (!(await create(path, own))) {
      const holder = await readFile(path, "utf8").catch(() => "");
      if ((await isAlive(path, holder)) || !(await replace(path, holder, own))) {
        throw new UsageError(`Another sparky-events is writing ${what} at this moment.`, {
          hint: `Wait for it, or name another file with --out. If no other one runs: rm "${path}"`,
        });
      }
    }
    return new Lock(path);
  }

  async release(): Promise<void> {
    clearInterval(this.#heartbeat);
    await unlink(this.#path).catch(() => {});
  }
}

async function create(path: string, content: string): Promise<boolean> {
  try {
    const file = await open(path, "wx", 0o600);
    await file.writeFile(content);
    await file.close();
    return true;
  } catch (error) {
    if (isSystemError(error) && error.code === "EEXIST") {
      return false;
    }
    throw error;
  }
}

/** Only one of several processes can move the dead lock away, and only one can make the new one. */
async function replace(path: string, dead: string, own: string): Promise<boolean> {
  const aside = `${path}.${process.pid}`;
  try {
    await rename(path, aside);
  } catch {
    return false;
  }
  const moved = await readFile(aside, "utf8");
  await unlink(aside);
  // Where another process was faster, what was moved is its fresh lock: give it back.
  if (moved !== dead) {
    await create(path, moved);
    return false;
  }
  return create(path, own);
}

async function isAlive(path: string, lock: string): Promise<boolean> {
  let holder: { pid: number; host: string; started: string | undefined };
  try {
    holder = JSON.parse(lock);
  } catch {
    // Being written at this moment, or cut by a power loss; the former is over in no time.
    return false;
  }
  if (holder.host !== hostname()) {
    // Nobody can ask another machine for its processes, but a live one keeps touching its lock.
    const { mtimeMs } = await stat(path);
    return Date.now() - mtimeMs < 4 * heartbeat;
  }
  try {
    process.kill(holder.pid, 0);
  } catch (error) {
    return isSystemError(error) && error.code === "EPERM";
  }
  // The number of a process that is gone is given to another one sooner or later.
  return startOf(String(holder.pid)) === holder.started;
}

/** When a process began, where the system tells: field 22 of /proc/PID/stat, see proc(5). */
function startOf(pid: string): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    return stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19];
  } catch {
    return undefined;
  }
}
