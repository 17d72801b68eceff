import { ClosedPipeError, OutputError, UsageError } from "../errors.js";
import { isWorkbook } from "../output/output-format.js";

/** Whether an error comes from the operating system, with a code such as `ENOSPC`. */
export function isSystemError(error: unknown): error is NodeJS.ErrnoException {
  return error instanceof Error && typeof (error as NodeJS.ErrnoException).code === "string";
}

/** Whether an error says that the file system has no hard links, or none for this file. */
export function lacksLinks(error: unknown): boolean {
  return (
    isSystemError(error) && ["EPERM", "ENOTSUP", "ENOSYS", "EOPNOTSUPP"].includes(error.code ?? "")
  );
}

/** The error for a file that could not be opened for writing. */
export function openError(error: unknown, path: string): unknown {
  if (!isSystemError(error)) {
    return error;
  }
  switch (error.code) {
    case "ENOENT":
    case "ENOTDIR":
      return new UsageError(`The folder of ${path} does not exist.`, {
        hint: "Create it first, or name another file with --out.",
        cause: error,
      });
    case "EACCES":
    case "EPERM":
    case "EROFS":
      return new UsageError(`No permission to write ${path}.`, {
        hint: "Name a file in a folder of your own with --out.",
        cause: error,
      });
    case "ENAMETOOLONG":
      return new UsageError(`The name of ${path} is too long.`, {
        hint: "Write a shorter one: while the export runs, .partial stands behind it.",
        cause: error,
      });
    case "ELOOP":
      return new UsageError(`The symbolic links of ${error.path ?? path} lead in a circle.`, {
        hint: "Remove them, or name another file with --out.",
        cause: error,
      });
    default:
      return writeError(error, path);
  }
}

/**
 * The error for a write that failed half-way.
 *
 * @param wayOut what to do about a full disk; default: what helps an export to a file
 */
export function writeError(error: unknown, what: string, wayOut = wayOutOf(what)): unknown {
  if (!isSystemError(error)) {
    return error;
  }
  switch (error.code) {
    case "EPIPE":
    case "ERR_STREAM_DESTROYED":
      return new ClosedPipeError(`The reader of ${what} is gone.`, { cause: error });
    case "ENOSPC":
    case "EDQUOT":
      return new OutputError(`Could not write ${what}: the disk is full.`, {
        hint: wayOut,
        cause: error,
      });
    case "EFBIG":
      return new OutputError(`Could not write ${what}: the file would be too large.`, {
        hint:
          isGzip(what) || isWorkbook(what)
            ? undefined
            : "A name ending in .gz makes it much smaller.",
        cause: error,
      });
    default:
      return new OutputError(`Could not write ${what}: ${error.message}.`, { cause: error });
  }
}

function wayOutOf(path: string): string {
  const room = "Make room, or name a file on another disk with --out.";
  if (isWorkbook(path)) {
    return `${room} A workbook is made of a CSV beside it, so there must be room for both.`;
  }
  const pages = isGzip(path)
    ? "Pages wait for their turn beside it uncompressed; with --concurrency 1, fewest of them do."
    : "A name ending in .gz makes it much smaller, but not the pages that wait for their turn beside it.";
  return `${room} ${pages}`;
}

function isGzip(path: string): boolean {
  return /\.gz$/i.test(path);
}
