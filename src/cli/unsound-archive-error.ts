import { SparkyEventsError } from "../errors.js";

/** All that could be done was done, and the archive is not what it should be. */
export class UnsoundArchiveError extends SparkyEventsError {
  /** @param exitCode 5 where a file does not fit what it should be, 6 where something is not there */
  constructor(
    message: string,
    readonly exitCode: 5 | 6,
    hint: string,
  ) {
    super(message, { hint });
  }
}
