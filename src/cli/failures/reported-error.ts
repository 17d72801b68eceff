import { SparkyEventsError } from "../../errors.js";

/** A failure that has been told already; only its exit code is left to be dealt with. */
export class ReportedError extends SparkyEventsError {
  readonly exitCode: number;

  constructor(cause: unknown) {
    super("The failure has been reported.", { cause });
    this.exitCode = cause instanceof SparkyEventsError ? cause.exitCode : 1;
  }
}
