import { stat } from "node:fs/promises";
import { hasCode } from "./errno.js";

/** What is there under a name, or undefined where nothing is. */
export async function statIfAny(path: string) {
  try {
    return await stat(path);
  } catch (error) {
    if (hasCode(error, "ENOENT")) {
      return undefined;
    }
    throw error;
  }
}
