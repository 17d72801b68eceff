import { UsageError } from "../errors.js";
import { isAbsent, isForbidden, isSystemError } from "../files/errno.js";
import { writeError } from "../files/write-error.js";
import { formatOfName } from "../formats/file-name.js";

/** The error for an export that failed half-way to write its output. */
export function outputError(error: unknown, path: string): unknown {
  const { isGzip, isConverted } = formatOfName(path);
  return writeError(error, path, {
    full: roomFor(path),
    tooLarge: isGzip || isConverted ? undefined : "A name ending in .gz makes it much smaller.",
  });
}

/** The error for an export that could not open its output. */
export function openError(error: unknown, path: string): unknown {
  if (isAbsent(error)) {
    return new UsageError(`The folder of ${path} does not exist.`, {
      hint: "Create it first, or name another file with --out.",
      cause: error,
    });
  }
  if (isForbidden(error)) {
    return new UsageError(`No permission to write ${path}.`, {
      hint: "Name a file in a folder of your own with --out.",
      cause: error,
    });
  }
  switch (isSystemError(error) && error.code) {
    case "ENAMETOOLONG":
      return new UsageError(`The name of ${path} is too long.`, {
        hint: "Write a shorter one: while the export runs, .partial stands behind it.",
        cause: error,
      });
    case "ELOOP":
      return new UsageError(
        `The symbolic links of ${(error as NodeJS.ErrnoException).path ?? path} lead in a circle.`,
        { hint: "Remove them, or name another file with --out.", cause: error },
      );
    default:
      return outputError(error, path);
  }
}

function roomFor(path: string): string {
  const room = "Make room, or name a file on another disk with --out.";
  const { isGzip, isConverted, isWorkbook } = formatOfName(path);
  if (isConverted) {
    const product = isWorkbook ? "A workbook" : "Parquet";
    return `${room} ${product} is made of a CSV beside it, so there must be room for both.`;
  }
  const pages = isGzip
    ? "Pages wait for their turn beside it uncompressed; with --concurrency 1, fewest of them do."
    : "A name ending in .gz makes it much smaller, but not the pages that wait for their turn beside it.";
  return `${room} ${pages}`;
}
