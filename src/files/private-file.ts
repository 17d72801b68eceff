import { randomUUID } from "node:crypto";
import { rm } from "node:fs/promises";
import { dirname } from "node:path";
import { flushFolder } from "./flush-folder.js";
import { addNameOrCopy, renameFlushed } from "./rename-and-link.js";
import { writeFlushed } from "./write-flushed.js";

/**
 * Writes a file that only its owner can read, from its first byte on, and that is there whole or not
 * at all.
 *
 * @param replace whether a file of that name may be replaced
 * @returns whether it was written: nothing that may not be replaced had the name
 */
export async function writePrivateFile(
  path: string,
  text: string,
  replace: boolean,
): Promise<boolean> {
  // A name that nobody can have prepared, so that the file is as private as it is asked for.
  const temporary = `${path}.${randomUUID().slice(0, 8)}.tmp`;
  try {
    await writeFlushed(temporary, text, "wx", 0o600);
    if (replace) {
      await renameFlushed(temporary, path);
    } else if (await addNameOrCopy(temporary, path)) {
      await flushFolder(dirname(path));
    } else {
      return false;
    }
    return true;
  } finally {
    await rm(temporary, { force: true });
  }
}
