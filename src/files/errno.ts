/** What the operating system says went wrong with a file, in words and by kind. */

/** Whether an error comes from the operating system, with a code such as `ENOSPC`. */
export function isSystemError(error: unknown): error is NodeJS.ErrnoException {
  return error instanceof Error && typeof (error as NodeJS.ErrnoException).code === "string";
}

/** Whether an error comes from the operating system, with one of these codes. */
export function hasCode(error: unknown, ...codes: readonly string[]): boolean {
  return isSystemError(error) && codes.includes(error.code ?? "");
}

/** Whether nothing is there. */
export function isAbsent(error: unknown): boolean {
  return hasCode(error, "ENOENT", "ENOTDIR");
}

/** Goes on where nothing is there. */
export function absentOrThrow(error: unknown): undefined {
  if (!isAbsent(error)) {
    throw error;
  }
}

/** Whether something has the name of a file, and is none. */
export function isNoFile(error: unknown): boolean {
  return hasCode(error, "EISDIR", "ELOOP");
}

/** Whether something has the name of a folder, and is none. */
export function isNoFolder(error: unknown): boolean {
  return hasCode(error, "ELOOP", "ENOTDIR");
}

/** Whether something has the name already. */
export function isTaken(error: unknown): boolean {
  return hasCode(error, "EEXIST");
}

/** Whether nobody may write there, or not this person. */
export function isForbidden(error: unknown): boolean {
  return hasCode(error, "EACCES", "EPERM", "EROFS");
}

/** Whether there is no room left. */
export function isFull(error: unknown): boolean {
  return hasCode(error, "EDQUOT", "ENOSPC");
}

/** Whether the file system has no hard links, or none for this file. */
export function lacksLinks(error: unknown): boolean {
  return hasCode(error, "EPERM", "ENOTSUP", "ENOSYS", "EOPNOTSUPP");
}

/** Why a file could not be read, as the end of a sentence. */
export function readFailure(error: unknown): string {
  return inWords(error, {
    ENOENT: "there is no such file",
    ENOTDIR: "there is no such file",
  });
}

/** Why a file could not be written, as the end of a sentence. */
export function writeFailure(error: unknown): string {
  return inWords(error, {
    ENOENT: "its folder does not exist",
    ENOTDIR: "its folder is a file",
  });
}

const words: Readonly<Record<string, string>> = {
  EACCES: "no permission",
  EBUSY: "something else is using it",
  EDQUOT: "the disk is full",
  EFBIG: "the file would be too large",
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

function inWords(error: unknown, absence: Readonly<Record<string, string>>): string {
  const { code = "", message } = error as NodeJS.ErrnoException;
  return absence[code] ?? words[code] ?? message;
}
