import { UsageError } from "../errors.js";

/** @throws UsageError where the contents of a file are not UTF-8 */
export function decodeUtf8(bytes: Uint8Array, name: string): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch (error) {
    throw new UsageError(`${name} is not UTF-8.`, {
      hint: "Save it as UTF-8 in your editor.",
      cause: error,
    });
  }
}

/** Why a file could not be read, as the end of a sentence. */
export function readFailure(error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException;
  return reasons[code ?? ""] ?? message;
}

const reasons: Record<string, string> = {
  ENOENT: "there is no such file",
  ENOTDIR: "there is no such file",
  EACCES: "no permission",
  EBUSY: "something else is using it",
  EIO: "the disk reports an error",
  EISDIR: "it is a folder",
  ELOOP: "its symbolic links lead in a circle",
  EMFILE: "too many files are open at once",
  ENAMETOOLONG: "its name is too long",
  ENFILE: "too many files are open at once",
  ENOSPC: "the disk is full",
  EPERM: "no permission",
  EROFS: "the disk cannot be written to",
};
