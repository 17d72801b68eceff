import { link, rename, stat, unlink } from "node:fs/promises";
import { dirname, join } from "node:path";
import { UsageError } from "../errors.js";
import { Lock } from "./lock.js";
import { folderOf, removeFolder } from "./partial-folder.js";
import { readJournal } from "./restore-export.js";
import { syncFolder } from "./sync-folder.js";
import { isSystemError } from "./write-error.js";

/**
 * Gives a complete file its name, in one step, and makes sure that it keeps it.
 *
 * @throws UsageError where there is a file of that name and `force` is off
 */
export async function publish(main: string, path: string, force: boolean): Promise<void> {
  if (force) {
    await rename(main, path);
  } else {
    await renameToNew(main, path);
  }
  await syncFolder(dirname(path));
}

/** A run that was killed between publishing and cleaning up has left its folder. */
export async function cleanUpPublished(path: string): Promise<void> {
  const folder = folderOf(path);
  if (!(await statIfAny(folder))?.isDirectory()) {
    return;
  }
  const entries = await readJournal(join(folder, "journal")).catch(() => undefined);
  const last = entries?.at(-1)?.type;
  // The journal goes last, so without one there is nothing to go on from.
  if (!entries || (last !== undefined && last !== "published")) {
    return;
  }
  const main = await statIfAny(join(folder, "main"));
  const target = await statIfAny(path);
  // With hard links, the file has both names for a moment.
  if (!main || main.ino === target?.ino || last === undefined) {
    const lock = await Lock.acquire(join(folder, "lock"), path);
    await removeFolder(folder, lock);
  }
}

/** What is there under a name, or undefined where nothing is. */
export async function statIfAny(path: string) {
  try {
    return await stat(path);
  } catch (error) {
    if (isSystemError(error) && error.code === "ENOENT") {
      return undefined;
    }
    throw error;
  }
}

/** Renames, but fails where the target has appeared in the meantime. */
async function renameToNew(from: string, to: string): Promise<void> {
  try {
    await link(from, to);
  } catch (error) {
    if (isSystemError(error) && error.code === "EEXIST") {
      throw appeared(to);
    }
    // A file system without hard links: the look and the rename cannot be one step there.
    if (await statIfAny(to)) {
      throw appeared(to);
    }
    await rename(from, to);
    return;
  }
  await unlink(from);
}

function appeared(path: string): UsageError {
  return new UsageError(`${path} appeared while the export ran, and was left alone.`, {
    hint: `The export is complete. Move ${path} away and run the command again with --resume.`,
  });
}
