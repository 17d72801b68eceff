import { UsageError } from "../errors.js";

/** What an interrupted export left is not what its journal says. */
export class DamagedExportError extends UsageError {
  constructor(path: string, cause?: unknown) {
    super(`What an interrupted export left is damaged: ${path}.`, {
      hint: "Add --force to begin anew.",
      cause,
    });
  }
}
