import { UsageError } from "../../../errors.js";
import { writeFailure } from "../../../files/errno.js";
import { writePrivateFile } from "../../../files/private-file.js";

/**
 * Writes an ini file, which may hold the API key.
 *
 * @param replace whether a file of that name may be replaced
 * @throws UsageError where there is one that may not, or where it cannot be written
 */
export async function writeIniFile(path: string, text: string, replace: boolean): Promise<void> {
  let written: boolean;
  try {
    written = await writePrivateFile(path, text, replace);
  } catch (error) {
    throw new UsageError(`Could not write ${path}: ${writeFailure(error)}.`, {
      hint: "Name a file in another folder with --config FILE.",
      cause: error,
    });
  }
  if (!written) {
    throw new UsageError(`${path} is there already, and was left alone.`, {
      hint: "Name another with --config FILE, or move it away. On a terminal, sparky-events init asks whether to replace it.",
    });
  }
}
