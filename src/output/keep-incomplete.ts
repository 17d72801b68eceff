import { unlink } from "node:fs/promises";
import { folderOf, incompleteIn } from "../partial/partial-names.js";
import { finishedPath } from "./finished-path.js";
import { giveIncompleteName, incompletePath } from "./incomplete-name.js";
import { numberedPath } from "./numbered-path.js";

/**
 * Gives the files of an export that is not complete names that say so; those of an earlier one give
 * way.
 *
 * @returns the names
 */
export async function keepIncomplete(
  path: string,
  numbers: readonly number[],
  split: boolean,
): Promise<string[]> {
  const kept: string[] = [];
  for (const number of numbers) {
    // Not one of the names that are removed with the folder, which stays with what is in it then.
    const lastResort = incompleteIn(folderOf(path), number);
    const own = finishedPath(path, number);
    kept.push(await giveIncompleteName(own, numberedPath(path, number), kept, lastResort));
  }
  for (let number = numbers.length + 1; split; number++) {
    const earlier = incompletePath(numberedPath(path, number));
    if (kept.includes(earlier) || !(await removeFile(earlier))) {
      break;
    }
  }
  return kept;
}

/** @returns whether there was one, and it is gone */
async function removeFile(path: string): Promise<boolean> {
  return unlink(path).then(
    () => true,
    () => false,
  );
}
