import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { OutputError } from "../errors.js";

/** Makes a folder whose name begins like this, where the system keeps what is not to last. */
export async function makeTemporaryFolder(prefix: string): Promise<string> {
  try {
    return await mkdtemp(join(tmpdir(), prefix));
  } catch (error) {
    throw new OutputError(`No folder for temporary files can be made in ${tmpdir()}.`, {
      hint: "Let TMPDIR name a folder that you may write to.",
      cause: error,
    });
  }
}
