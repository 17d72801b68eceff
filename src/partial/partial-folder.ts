import { mkdir, readdir, rm, rmdir } from "node:fs/promises";
import { join } from "node:path";
import { UsageError } from "../errors.js";
import { hasCode, isNoFolder, isTaken } from "../files/errno.js";
import { Lock, lockName } from "../files/lock.js";
import { folderOf, readName } from "./partial-names.js";

/** The folder of an export, as long as it is this run's: from then on it may be another one's. */
export class PartialFolder {
  readonly path: string;
  readonly #lock: Lock;

  private constructor(path: string, lock: Lock) {
    this.path = path;
    this.#lock = lock;
  }

  /**
   * Makes the folder of an export to `target`, and locks it.
   *
   * @throws BusyError where another run has it; UsageError where it is something else
   */
  static async open(target: string): Promise<PartialFolder> {
    const path = folderOf(target);
    return new PartialFolder(path, await Lock.acquireIn(path, () => makeFolder(path), target));
  }

  /**
   * As `open`, but makes nothing.
   *
   * @returns undefined where whoever left the folder has removed it in the meantime
   */
  static async openIfAny(target: string): Promise<PartialFolder | undefined> {
    const path = folderOf(target);
    try {
      return new PartialFolder(path, await Lock.acquire(join(path, lockName), target));
    } catch (error) {
      if (hasCode(error, "ENOENT")) {
        return undefined;
      }
      throw error;
    }
  }

  /** Whether it is this run's still. */
  async isHeld(): Promise<boolean> {
    return this.#lock.isHeld();
  }

  /** Removes what an export has put there, but for the lock. */
  async empty(): Promise<void> {
    const names = await readdir(this.path);
    const kindOf = (name: string) => readName(name)?.kind;
    const own = names.filter((name) => !["journal", "lock", undefined].includes(kindOf(name)));
    // While the journal is there, a later run knows what the rest is.
    const last = names.filter((name) => kindOf(name) === "journal");
    for (const name of [...own, ...last]) {
      await rm(join(this.path, name), { recursive: true });
    }
  }

  /**
   * Removes it, where it is this run's, and lets go of it. What goes wrong does not change what was
   * exported.
   */
  async remove(): Promise<void> {
    if (await this.isHeld()) {
      await this.empty().catch(() => {});
      // The lock goes last: from then on the folder may be another run's.
      await this.leave();
      await rmdir(this.path).catch(() => {});
    }
  }

  /**
   * Lets go of it, and removes it where a later run has no use for it.
   *
   * @returns its path, where a later run can go on from it
   */
  async leaveOrRemove(worthKeeping: boolean): Promise<string | undefined> {
    if (!worthKeeping) {
      await this.remove();
      return undefined;
    }
    const isOurs = await this.isHeld();
    await this.leave();
    return isOurs ? this.path : undefined;
  }

  /** Lets go of it; what is in it stays for a later run. */
  async leave(): Promise<void> {
    await this.#lock.release();
  }
}

async function makeFolder(folder: string): Promise<void> {
  try {
    await mkdir(folder, { mode: 0o700 });
  } catch (error) {
    if (!isTaken(error)) {
      throw error;
    }
    const foreign = (await namesIn(folder)).find((name) => !readName(name));
    if (foreign !== undefined) {
      throw new UsageError(`${folder} is needed, but holds something else: ${foreign}.`, {
        hint: "Move it away, or name another file with --out.",
      });
    }
  }
}

async function namesIn(folder: string): Promise<string[]> {
  try {
    return await readdir(folder);
  } catch (error) {
    if (isNoFolder(error)) {
      throw new UsageError(`${folder} is needed, but is no folder.`, {
        hint: "Move it away, or name another file with --out.",
        cause: error,
      });
    }
    throw error;
  }
}
