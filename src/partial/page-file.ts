import { open, unlink } from "node:fs/promises";
import { writeWhole } from "../files/write-whole.js";

export async function writeNew(path: string, bytes: Uint8Array): Promise<void> {
  const file = await open(path, "w", 0o600);
  try {
    await writeWhole(file, bytes);
  } finally {
    await file.close();
  }
}

export async function deleteAll(paths: readonly string[]): Promise<void> {
  for (const path of paths) {
    await unlink(path);
  }
}

export async function flushFile(path: string): Promise<void> {
  const file = await open(path, "r+");
  try {
    await file.datasync();
  } finally {
    await file.close();
  }
}
