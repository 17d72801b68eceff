import { open } from "node:fs/promises";
import { isSystemError } from "./errno.js";

/** The name of a file is on disk only when its folder is. */
export async function flushFolder(path: string): Promise<void> {
  try {
    const folder = await open(path, "r");
    try {
      await folder.sync();
    } finally {
      await folder.close();
    }
  } catch (error) {
    // Windows and some network file systems cannot flush a folder; the rename stands all the same.
    if (!isSystemError(error)) {
      throw error;
    }
  }
}
