import { readdir } from "node:fs/promises";
import { basename, dirname, extname, join } from "node:path";
import { formatCount } from "../count.js";

/**
 * Path of one of the files that an export is split into: `name.csv`, `name-2.csv`, …, and with both
 * endings kept, `name-2.csv.gz`.
 *
 * @param path of the first one
 * @param number from 1
 */
export function numberedPath(path: string, number: number): string {
  if (number === 1) {
    return path;
  }
  const { stem, ending } = cutName(path);
  return join(dirname(path), `${stem}-${number}${ending}`);
}

/** Numbers of what is there under the names of files that an export to `path` may be split into. */
export async function takenNumbers(path: string): Promise<Set<number>> {
  const { stem, ending } = cutName(path);
  const numbers = new Set<number>();
  for (const name of await readdir(dirname(path))) {
    if (name === basename(path)) {
      numbers.add(1);
    } else if (name.startsWith(`${stem}-`) && name.endsWith(ending)) {
      const digits = name.slice(stem.length + 1, name.length - ending.length);
      if (/^([2-9]|[1-9]\d{1,8})$/.test(digits)) {
        numbers.add(Number(digits));
      }
    }
  }
  return numbers;
}

/** `a.csv`, or `3 files, a.csv to a-3.csv` */
export function describePaths(paths: readonly string[]): string {
  return paths.length === 1
    ? `${paths[0]}`
    : `${formatCount(paths.length)} files, ${paths[0]} to ${paths.at(-1)}`;
}

function cutName(path: string): { stem: string; ending: string } {
  const name = basename(path);
  const packed = /\.gz$/i.exec(name)?.[0] ?? "";
  const ending = extname(name.slice(0, name.length - packed.length)) + packed;
  return { stem: name.slice(0, name.length - ending.length), ending };
}
