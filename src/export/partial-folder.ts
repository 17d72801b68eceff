import { mkdir, readdir, rm, rmdir } from "node:fs/promises";
import { join } from "node:path";
import { UsageError } from "../errors.js";
import { Lock } from "./lock.js";
import { isSystemError } from "./write-error.js";

/** Where an export to `path` is until it is complete. */
export function folderOf(path: string): string {
  return `${path}.partial`;
}

/** Folder in an export's folder for the parts of a search that are to be merged. */
export function partsFolderIn(folder: string): string {
  return join(folder, "parts");
}

/** Names of what an export puts into its folder, but for the lock. */
const ownNames = /^(journal|workbook|main(-\d+)?|parts|page-\d+-\d+|(old|new)-\d+)$/;

/** Removes what an export has put there, but for the lock. */
export async function emptyFolder(folder: string): Promise<void> {
  const own = (await readdir(folder)).filter((name) => ownNames.test(name));
  // While the journal is there, a later run knows what the rest is.
  const last = own.filter((name) => name === "journal");
  for (const name of [...own.filter((name) => name !== "journal"), ...last]) {
    await rm(join(folder, name), { recursive: true });
  }
}

/**
 * Makes the folder of an export to `path`, and locks it.
 *
 * @throws BusyError where another run holds the lock; UsageError where the folder is something else
 */
export async function lockFolder(path: string): Promise<Lock> {
  const folder = folderOf(path);
  // Another run may remove the folder between the two steps, when it is done with it.
  for (let attempt = 1; ; attempt++) {
    await makeFolder(folder);
    try {
      return await Lock.acquire(join(folder, "lock"), path);
    } catch (error) {
      if (!isSystemError(error) || error.code !== "ENOENT" || attempt === 5) {
        throw error;
      }
    }
  }
}

async function makeFolder(folder: string): Promise<void> {
  try {
    await mkdir(folder, { mode: 0o700 });
  } catch (error) {
    if (!isSystemError(error) || error.code !== "EEXIST") {
      throw error;
    }
    const foreign = (await namesIn(folder)).find(
      (name) => !ownNames.test(name) && !name.startsWith("lock"),
    );
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
    if (isSystemError(error) && ["ELOOP", "ENOTDIR"].includes(error.code ?? "")) {
      throw new UsageError(`${folder} is needed, but is no folder.`, {
        hint: "Move it away, or name another file with --out.",
        cause: error,
      });
    }
    throw error;
  }
}

/** Removes the folder and the lock. What goes wrong does not change what was exported. */
export async function removeFolder(folder: string, lock: Lock): Promise<void> {
  await emptyFolder(folder).catch(() => {});
  // The lock goes last: from then on the folder may be another run's.
  await lock.release();
  await rmdir(folder).catch(() => {});
}
