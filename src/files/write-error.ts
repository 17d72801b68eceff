import { ClosedPipeError, OutputError } from "../errors.js";
import { isFull, isSystemError, writeFailure } from "./errno.js";

/** What a person can do, as whole sentences. */
export interface WaysOut {
  /** Where the disk is full. */
  readonly full: string;
  /** Where the file system, or a limit of the process, allows no file as large. */
  readonly tooLarge?: string | undefined;
}

/**
 * The error for a write that failed half-way.
 *
 * @param what was written, such as a path
 */
export function writeError(error: unknown, what: string, { full, tooLarge }: WaysOut): unknown {
  if (!isSystemError(error)) {
    return error;
  }
  if (error.code === "EPIPE" || error.code === "ERR_STREAM_DESTROYED") {
    return new ClosedPipeError(`The reader of ${what} is gone.`, { cause: error });
  }
  const isTooLarge = error.code === "EFBIG";
  if (isFull(error) || isTooLarge) {
    return new OutputError(`Could not write ${what}: ${writeFailure(error)}.`, {
      hint: isTooLarge ? tooLarge : full,
      cause: error,
    });
  }
  return new OutputError(`Could not write ${what}: ${error.message}.`, { cause: error });
}
