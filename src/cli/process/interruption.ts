import { constants } from "node:os";
import { SparkyEventsError } from "../../errors.js";

export type InterruptingSignal = "SIGINT" | "SIGTERM" | "SIGHUP";

/** The person or the system asked the command to stop. */
export class Interruption extends SparkyEventsError {
  readonly exitCode: number;

  constructor(signal: InterruptingSignal) {
    super(signal === "SIGINT" ? "Interrupted." : `Stopped by ${signal}.`);
    this.exitCode = 128 + constants.signals[signal];
  }
}
