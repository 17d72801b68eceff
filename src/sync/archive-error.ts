import { writeError } from "../files/write-error.js";

/** The error for an archive that could not be written to. */
export function archiveError(error: unknown, folder: string): unknown {
  return writeError(error, folder, { full: "Make room, and run it again." });
}
