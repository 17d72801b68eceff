import { renameFlushed } from "./rename-and-link.js";
import { writeFlushed } from "./write-flushed.js";

/** Writes a file that is there whole, or as it was; it survives a power loss when this resolves. */
export async function replaceFile(path: string, text: string): Promise<void> {
  const temporary = `${path}.tmp`;
  await writeFlushed(temporary, text, "w");
  await renameFlushed(temporary, path);
}
