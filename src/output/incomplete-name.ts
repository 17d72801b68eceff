import { rename } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { hasCode } from "../files/errno.js";

const ending = ".incomplete";

/** In bytes, on the file systems that most people have. */
const longestName = 255;

/** The first name for what arrived of an export to `path`. */
export function incompletePath(path: string): string {
  return pathEndingWith(path, ending);
}

/**
 * Gives a file a name that says that it is not complete: that of the export with an ending, or the next
 * best where that name is too long or something else has it.
 *
 * @param path that the file would have if it were complete
 * @param taken names that must not be used
 * @param lastResort used where none of the names can be had
 * @returns the name
 */
export async function giveIncompleteName(
  from: string,
  path: string,
  taken: readonly string[],
  lastResort: string,
): Promise<string> {
  const others = Array.from({ length: taken.length + 8 }, (_, index) =>
    pathEndingWith(path, `.${index + 2}${ending}`),
  );
  const names = [incompletePath(path), ...others].filter((name) => !taken.includes(name));
  for (const name of names) {
    try {
      await rename(from, name);
      return name;
    } catch (error) {
      if (!hasCode(error, ...notToBeHad)) {
        throw error;
      }
    }
  }
  await rename(from, lastResort);
  return lastResort;
}

const notToBeHad = ["EACCES", "EBUSY", "EEXIST", "EISDIR", "ENAMETOOLONG", "ENOTEMPTY", "EPERM"];

/** A path with an ending, for which its name is cut where it would be too long. */
function pathEndingWith(path: string, wanted: string): string {
  let name = "";
  for (const character of basename(path)) {
    if (Buffer.byteLength(name + character + wanted) > longestName) {
      break;
    }
    name += character;
  }
  return join(dirname(path), name + wanted);
}
