import { SparkyEventsError } from "../../errors.js";

/** The archive is not what it should be. */
export class UnsoundArchiveError extends SparkyEventsError {
  /**
   * @param exitCode 4 where a run can mend all of it, 5 where a file does not fit what it should be, 6
   *   where something is lost for good
   */
  constructor(
    message: string,
    readonly exitCode: 4 | 5 | 6,
    hint: string,
  ) {
    super(message, { hint });
  }
}
