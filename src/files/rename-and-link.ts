import { constants, copyFile, link, rename } from "node:fs/promises";
import { dirname } from "node:path";
import { isTaken } from "./errno.js";
import { flushFolder } from "./flush-folder.js";

/** Gives a file another name in the place of what has it, in one step, and makes sure that it keeps it. */
export async function renameFlushed(from: string, to: string): Promise<void> {
  await rename(from, to);
  await flushFolder(dirname(to));
}

/**
 * Gives a file one more name, in one step, unless something has it. A rename would replace what
 * appeared in the meantime.
 *
 * @returns `impossible` where that has to be done in another way, as where there are no hard links
 */
export async function addName(from: string, to: string): Promise<"added" | "taken" | "impossible"> {
  try {
    await link(from, to);
    return "added";
  } catch (error) {
    return isTaken(error) ? "taken" : "impossible";
  }
}

/**
 * As `addName`, for a small file: where there are no hard links it is copied, and for a moment others
 * may see a part of it.
 *
 * @returns whether nothing had the name
 */
export async function addNameOrCopy(from: string, to: string): Promise<boolean> {
  const done = await addName(from, to);
  if (done !== "impossible") {
    return done === "added";
  }
  try {
    await copyFile(from, to, constants.COPYFILE_EXCL);
    return true;
  } catch (error) {
    if (isTaken(error)) {
      return false;
    }
    throw error;
  }
}
