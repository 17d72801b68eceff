import { isSameFile } from "../files/is-same-file.js";
import { statIfAny } from "../files/stat-if-any.js";
import { PartialFolder } from "../partial/partial-folder.js";
import { folderOf, journalIn } from "../partial/partial-names.js";
import { readJournal } from "../partial/read-journal.js";
import { finishedPath } from "./finished-path.js";
import { numberedPath } from "./numbered-path.js";
import { takeBack } from "./take-back.js";

/**
 * Finishes what a run left that was killed while it published its files, or cleaned up after that:
 * where all of them have their names its folder is removed, otherwise none keeps its name.
 */
export async function settlePublishing(path: string): Promise<void> {
  if ((await publishingLeft(path)) === undefined) {
    return;
  }
  const folder = await PartialFolder.openIfAny(path);
  if (!folder) {
    return;
  }
  try {
    // Another run may have been at it until now.
    const left = await publishingLeft(path);
    if (left === "nothing" || (left && (await isPublished(path, left.parts)))) {
      await folder.remove();
    } else if (left) {
      await takeBack(path, left.parts);
    }
  } finally {
    await folder.leave();
  }
}

async function publishingLeft(path: string): Promise<{ parts: number } | "nothing" | undefined> {
  const folder = folderOf(path);
  if (!(await statIfAny(folder))?.isDirectory()) {
    return undefined;
  }
  const entries = await readJournal(journalIn(folder)).catch(() => undefined);
  const last = entries?.at(-1);
  if (last?.type === "publishing") {
    return last;
  }
  // The journal goes last, so without one there is nothing to go on from.
  return entries?.length === 0 && (await statIfAny(path)) ? "nothing" : undefined;
}

async function isPublished(path: string, parts: number): Promise<boolean> {
  for (let number = 1; number <= parts; number++) {
    const main = await statIfAny(finishedPath(path, number));
    const target = await statIfAny(numberedPath(path, number));
    // With hard links, the file has both names for a moment.
    if (!target || (main && !isSameFile(main, target))) {
      return false;
    }
  }
  return true;
}
