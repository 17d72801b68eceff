import { join } from "node:path";
import { lockName } from "../files/lock.js";

/**
 * The names of what an export has until it is complete: the folder beside its file, and what is in there.
 * Nobody else makes or reads such names.
 */

const folderEnding = ".partial";

/** Folder of an export to `path`. */
export function folderOf(path: string): string {
  return path + folderEnding;
}

/** Whether a name is that of such a folder. */
export function isFolderName(name: string): boolean {
  return name.endsWith(folderEnding);
}

/** What has been done so far. */
export function journalIn(folder: string): string {
  return join(folder, "journal");
}

/**
 * What is assembled of the pages.
 *
 * @param number from 1, where the export is split into several files
 */
export function mainIn(folder: string, number = 1): string {
  return join(folder, number === 1 ? "main" : `main-${number}`);
}

/** What is made of that, where the file is to be a workbook or Parquet. */
export function convertedIn(folder: string): string {
  return join(folder, "converted");
}

/** Folder for what does not fit into memory meanwhile. */
export function spillIn(folder: string): string {
  return join(folder, "spill");
}

/**
 * A page that waits for its turn.
 *
 * @param slice its id
 * @param page number of the page in its slice, from 1
 */
export function pageIn(folder: string, slice: number, page: number): string {
  return join(folder, `page-${slice}-${page}`);
}

/** Folder for the parts of a search that are to be merged. */
export function partsIn(folder: string): string {
  return join(folder, "parts");
}

/** @param part number of the part, from 0 */
export function partIn(partsFolder: string, part: number): string {
  return join(partsFolder, `part-${part}`);
}

/** A file of an earlier export that is being replaced, kept until all are there. */
export function oldIn(folder: string, number: number): string {
  return join(folder, `old-${number}`);
}

/** A second name of a file that is to replace one. */
export function newIn(folder: string, number: number): string {
  return join(folder, `new-${number}`);
}

/**
 * What arrived of an export that ended incomplete, where no name outside can be had. It is not removed
 * with the folder, which stays with it.
 */
export function incompleteIn(folder: string, number: number): string {
  return join(folder, `incomplete-${number}`);
}

/** What each name is of; the number in it, where it has one of its own, is the first group. */
const forms = {
  journal: /^journal$/,
  main: /^main(?:-\d+)?$/,
  converted: /^converted$/,
  spill: /^spill$/,
  page: /^page-\d+-\d+$/,
  parts: /^parts$/,
  old: /^old-(\d+)$/,
  new: /^new-(\d+)$/,
  // Its drafts and claims begin with its own name.
  lock: new RegExp(`^${lockName}`),
} satisfies Record<string, RegExp>;

export interface PartialName {
  readonly kind: keyof typeof forms;
  /** Of the file that it is of, from 1; for `old` and `new`. */
  readonly number: number;
}

/** @returns undefined where it is not the name of anything that an export puts into its folder */
export function readName(name: string): PartialName | undefined {
  for (const [kind, form] of Object.entries(forms)) {
    const found = form.exec(name);
    if (found) {
      return { kind: kind as keyof typeof forms, number: Number(found[1] ?? 1) };
    }
  }
  return undefined;
}
