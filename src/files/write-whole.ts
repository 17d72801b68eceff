import type { FileHandle } from "node:fs/promises";

/** @returns how many bytes the system says that it has written */
export async function writeWhole(
  file: FileHandle,
  bytes: Uint8Array,
  position: number | null = null,
): Promise<number> {
  let written = 0;
  while (written < bytes.length) {
    const at = position === null ? null : position + written;
    written += (await file.write(bytes, written, bytes.length - written, at)).bytesWritten;
  }
  return written;
}
