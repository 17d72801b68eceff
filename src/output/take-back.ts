import { readdir, rename, unlink } from "node:fs/promises";
import { dirname } from "node:path";
import { flushFolder } from "../files/flush-folder.js";
import { isSameFile } from "../files/is-same-file.js";
import { statIfAny } from "../files/stat-if-any.js";
import { folderOf, newIn, oldIn, readName } from "../partial/partial-names.js";
import { finishedPath } from "./finished-path.js";
import { numberedPath } from "./numbered-path.js";

/** Undoes as much of `publishAll` as was done. */
export async function takeBack(path: string, parts: number): Promise<void> {
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
    const isOurs = found !== undefined && isSameFile(found, taken);
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
