import type { Stats } from "node:fs";
import { createReadStream } from "node:fs";
import { link, lstat, readdir, rename, stat, unlink } from "node:fs/promises";
import { dirname } from "node:path";
import { createGunzip } from "node:zlib";
import { UsageError } from "../errors.js";
import { hasCode, lacksLinks } from "../files/errno.js";
import { flushFolder } from "../files/flush-folder.js";
import { addName, giveName } from "../files/give-name.js";
import { formatOfName } from "../formats/file-name.js";
import { PartialFolder } from "../partial/partial-folder.js";
import {
  folderOf,
  incompleteIn,
  journalIn,
  mainIn,
  newIn,
  oldIn,
  readName,
  workbookIn,
} from "../partial/partial-names.js";
import { readJournal } from "../partial/restore-export.js";
import { giveIncompleteName, incompletePath } from "./incomplete-name.js";
import { numberedPath, takenNumbers } from "./numbered-path.js";

/** Where the file is that gets the name of an export to `path`: what was assembled, or made of that. */
export function finishedPath(path: string, number = 1): string {
  const folder = folderOf(path);
  return formatOfName(path).isWorkbook ? workbookIn(folder) : mainIn(folder, number);
}

/**
 * Gives a complete file its name, in one step, and makes sure that it keeps it.
 *
 * @throws UsageError where there is a file of that name and `force` is off
 */
export async function publish(path: string, force: boolean): Promise<void> {
  const main = finishedPath(path);
  if (force) {
    await giveName(main, path);
  } else {
    await giveNewName(main, path, { keep: false });
    await flushFolder(dirname(path));
  }
}

/**
 * Gives the files of a complete export their names: all, or none where one fails. The first one
 * comes last, so whoever waits for it finds them all.
 *
 * @returns files of an earlier, longer export that were removed, since they would be taken for a part
 *   of this one
 * @throws UsageError where there is a file of such a name and `force` is off
 */
export async function publishAll(
  path: string,
  parts: number,
  force: boolean,
  opening: Uint8Array,
): Promise<string[]> {
  const following = await followingNumbers(path, parts);
  if (following[0] !== undefined && !force) {
    throw appeared(numberedPath(path, following[0]));
  }
  const longer = await ofExport(path, following, opening);
  try {
    for (const number of longer) {
      await rename(numberedPath(path, number), oldIn(folderOf(path), number));
    }
    for (let number = parts; number >= 1; number--) {
      if (force) {
        await replace(path, number);
      } else {
        await giveNewName(finishedPath(path, number), numberedPath(path, number), { keep: true });
      }
    }
  } catch (error) {
    await takeBack(path, parts);
    throw error;
  }
  await flushFolder(dirname(path));
  return longer.map((number) => numberedPath(path, number));
}

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

/** What is there under a name, or undefined where nothing is. */
export async function statIfAny(path: string) {
  try {
    return await stat(path);
  } catch (error) {
    if (hasCode(error, "ENOENT")) {
      return undefined;
    }
    throw error;
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
    if (!target || (main && !isSame(main, target))) {
      return false;
    }
  }
  return true;
}

/** Numbers of the files that directly follow. */
async function followingNumbers(path: string, parts: number): Promise<number[]> {
  const taken = await takenNumbers(path);
  const following: number[] = [];
  for (let number = parts + 1; taken.has(number); number++) {
    await refuseOther(numberedPath(path, number));
    following.push(number);
  }
  return following;
}

/** Those in front that begin as the files of this export do; somebody else's file is left alone. */
async function ofExport(
  path: string,
  numbers: readonly number[],
  opening: Uint8Array,
): Promise<number[]> {
  const own: number[] = [];
  for (const number of numbers) {
    if (!(await beginsWith(numberedPath(path, number), opening))) {
      break;
    }
    own.push(number);
  }
  return own;
}

async function beginsWith(path: string, opening: Uint8Array): Promise<boolean> {
  const file = createReadStream(path);
  const records = formatOfName(path).isGzip ? file.pipe(createGunzip()) : file;
  const chunks: Buffer[] = [];
  let length = 0;
  try {
    for await (const chunk of records) {
      chunks.push(chunk);
      length += chunk.length;
      if (length >= opening.length) {
        break;
      }
    }
  } catch {
    return false;
  } finally {
    file.destroy();
  }
  return Buffer.concat(chunks).subarray(0, opening.length).equals(opening);
}

/** Puts a file in the place of another one, which is kept until all are there. */
async function replace(path: string, number: number): Promise<void> {
  const main = finishedPath(path, number);
  const target = numberedPath(path, number);
  const old = oldIn(folderOf(path), number);
  await refuseOther(target);
  try {
    await linkIfAny(target, old);
    const copy = newIn(folderOf(path), number);
    await link(main, copy);
    await rename(copy, target);
  } catch (error) {
    if (!lacksLinks(error)) {
      throw error;
    }
    if (await statIfAny(target)) {
      await rename(target, old);
    }
    await rename(main, target);
  }
}

/** @throws UsageError where what is to be replaced is no ordinary file, such as a folder */
export async function refuseOther(path: string): Promise<void> {
  const found = await lstat(path).catch(() => undefined);
  if (found && !found.isFile()) {
    throw new UsageError(`${path} is no ordinary file.`, {
      hint: "A part of the export needs that name. Move it away, or name another file with --out.",
    });
  }
}

/** Undoes as much of `publishAll` as was done. */
async function takeBack(path: string, parts: number): Promise<void> {
  const folder = folderOf(path);
  const names = (await readdir(folder)).flatMap((name) => readName(name) ?? []);
  for (const { number } of names.filter(({ kind }) => kind === "new")) {
    await unlink(newIn(folder, number));
  }
  const old = names.filter(({ kind }) => kind === "old").map(({ number }) => number);
  const numbers = new Set([...Array(parts).keys()].map((index) => index + 1));
  for (const number of [...numbers, ...old.filter((other) => !numbers.has(other))]) {
    const main = finishedPath(path, number);
    const target = numberedPath(path, number);
    const found = await statIfAny(main);
    let taken = await statIfAny(target);
    if (!found && taken && numbers.has(number)) {
      await rename(target, main);
      taken = undefined;
    }
    const isOurs = found !== undefined && isSame(found, taken);
    if (old.includes(number)) {
      await (taken && !isOurs
        ? unlink(oldIn(folder, number))
        : rename(oldIn(folder, number), target));
    } else if (isOurs) {
      await unlink(target);
    }
  }
  await flushFolder(dirname(path));
}

/**
 * Names a file, but fails where the name was taken in the meantime.
 *
 * @param keep whether the file keeps its old name too, where the file system can do that
 */
async function giveNewName(from: string, to: string, { keep }: { keep: boolean }): Promise<void> {
  const done = await addName(from, to);
  // Without hard links, the look and the rename cannot be one step.
  if (done === "taken" || (done === "impossible" && (await statIfAny(to)))) {
    throw appeared(to);
  }
  if (done === "impossible") {
    await rename(from, to);
  } else if (!keep) {
    await unlink(from);
  }
}

async function linkIfAny(from: string, to: string): Promise<void> {
  try {
    await link(from, to);
  } catch (error) {
    if (!hasCode(error, "ENOENT")) {
      throw error;
    }
  }
}

function isSame(one: Stats, other: Stats | undefined): boolean {
  return one.ino === other?.ino && one.dev === other.dev;
}

function appeared(path: string): UsageError {
  return new UsageError(`${path} appeared while the export ran, and was left alone.`, {
    hint: `The export is complete. Move ${path} away and run the command again with --resume.`,
  });
}
