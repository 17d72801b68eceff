import { UsageError } from "../errors.js";
import { numberedPath, takenNumbers } from "./numbered-path.js";
import { refuseOther } from "./refuse-other.js";

/**
 * Makes sure that the names of the first files of a split export are free, or may be replaced.
 *
 * @param most number of the last file
 */
export async function refuseTaken(path: string, most: number, force: boolean): Promise<void> {
  for (const number of await takenNumbers(path)) {
    const taken = numberedPath(path, number);
    if (number <= most && !force) {
      throw existsAlready(taken);
    }
    if (number > 1 && number <= most) {
      await refuseOther(taken);
    }
  }
}

export function existsAlready(path: string): UsageError {
  return new UsageError(`${path} exists already.`, {
    hint: "Add --force to replace it, or name another file with --out.",
  });
}
