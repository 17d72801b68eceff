import { mkdir } from "node:fs/promises";
import { dirname } from "node:path";
import { UsageError } from "../errors.js";
import { isNoFile } from "../files/errno.js";
import { renameFlushed } from "../files/rename-and-link.js";

/** @throws UsageError where a folder has the name */
export async function putInPlace(from: string, to: string): Promise<void> {
  await mkdir(dirname(to), { recursive: true });
  try {
    await renameFlushed(from, to);
  } catch (error) {
    if (isNoFile(error)) {
      throw new UsageError(`${to} is a folder.`, {
        hint: "The archive needs that name for a file. Move the folder away.",
        cause: error,
      });
    }
    throw error;
  }
}
