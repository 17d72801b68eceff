import { open, rename } from "node:fs/promises";
import { dirname } from "node:path";
import { flushFolder } from "./flush-folder.js";

/** Writes a file that is there whole, or as it was; it survives a power loss when this resolves. */
export async function replaceFile(path: string, text: string): Promise<void> {
  const temporary = `${path}.tmp`;
  const file = await open(temporary, "w");
  try {
    await file.writeFile(text);
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(temporary, path);
  await flushFolder(dirname(path));
}
