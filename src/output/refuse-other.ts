import { lstat } from "node:fs/promises";
import { UsageError } from "../errors.js";

/** @throws UsageError where what is to be replaced is no ordinary file, such as a folder */
export async function refuseOther(path: string): Promise<void> {
  const found = await lstat(path).catch(() => undefined);
  if (found && !found.isFile()) {
    throw new UsageError(`${path} is no ordinary file.`, {
      hint: "A part of the export needs that name. Move it away, or name another file with --out.",
    });
  }
}
