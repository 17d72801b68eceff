import type { Stats } from "node:fs";

/** Whether two names are those of one file. */
export function isSameFile(one: Stats, other: Stats | undefined): boolean {
  return one.ino === other?.ino && one.dev === other.dev;
}
