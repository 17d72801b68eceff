import { open } from "node:fs/promises";

/** Writes a file whose content is on disk when this resolves; its name may not be. */
export async function writeFlushed(
  path: string,
  text: string,
  flags: "w" | "wx",
  mode?: number,
): Promise<void> {
  const file = await open(path, flags, mode);
  try {
    await file.writeFile(text);
    await file.sync();
  } finally {
    await file.close();
  }
}
