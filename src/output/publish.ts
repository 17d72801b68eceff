import { createReadStream } from "node:fs";
import { link, rename, unlink } from "node:fs/promises";
import { dirname } from "node:path";
import { createGunzip } from "node:zlib";
import { UsageError } from "../errors.js";
import { hasCode, lacksLinks } from "../files/errno.js";
import { flushFolder } from "../files/flush-folder.js";
import { addName, renameFlushed } from "../files/rename-and-link.js";
import { statIfAny } from "../files/stat-if-any.js";
import { formatOfName } from "../formats/file-name.js";
import { mostOpening, type RecordFormat } from "../formats/record-format.js";
import { folderOf, newIn, oldIn } from "../partial/partial-names.js";
import { finishedPath } from "./finished-path.js";
import { numberedPath, takenNumbers } from "./numbered-path.js";
import { refuseOther } from "./refuse-other.js";
import { takeBack } from "./take-back.js";

/**
 * Gives a complete file its name, in one step, and makes sure that it keeps it.
 *
 * @throws UsageError where there is a file of that name and `force` is off
 */
export async function publish(path: string, force: boolean): Promise<void> {
  const main = finishedPath(path);
  if (force) {
    await renameFlushed(main, path);
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
  format: Pick<RecordFormat, "isOwn">,
): Promise<string[]> {
  const following = await followingNumbers(path, parts);
  if (following[0] !== undefined && !force) {
    throw appeared(numberedPath(path, following[0]));
  }
  const longer = await ofExport(path, following, format);
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
  format: Pick<RecordFormat, "isOwn">,
): Promise<number[]> {
  const own: number[] = [];
  for (const number of numbers) {
    if (!format.isOwn(await startOf(numberedPath(path, number)))) {
      break;
    }
    own.push(number);
  }
  return own;
}

/** The beginning of a file; nothing where it cannot be read. */
async function startOf(path: string): Promise<Buffer> {
  const file = createReadStream(path);
  const records = formatOfName(path).isGzip ? file.pipe(createGunzip()) : file;
  const chunks: Buffer[] = [];
  let length = 0;
  try {
    for await (const chunk of records) {
      chunks.push(chunk);
      length += chunk.length;
      if (length >= mostOpening) {
        break;
      }
    }
  } catch {
    return Buffer.alloc(0);
  } finally {
    file.destroy();
  }
  return Buffer.concat(chunks);
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

function appeared(path: string): UsageError {
  return new UsageError(`${path} appeared while the export ran, and was left alone.`, {
    hint: `The export is complete. Move ${path} away and run the command again with --resume.`,
  });
}
