import { type FileHandle, open } from "node:fs/promises";
import { DamagedExportError } from "./damaged-export-error.js";

/** @throws DamagedExportError where less is there than was certain to be */
export async function openTruncated(path: string, length: number): Promise<FileHandle> {
  if (length === 0) {
    return open(path, "w");
  }
  const file = await open(path, "r+").catch((error: unknown) => {
    throw new DamagedExportError(path, error);
  });
  // To truncate a file that is too short would fill it up with NUL.
  if ((await file.stat()).size < length) {
    await file.close();
    throw new DamagedExportError(path);
  }
  await file.truncate(length);
  return file;
}
