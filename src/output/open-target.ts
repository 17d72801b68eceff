import { UsageError } from "../errors.js";
import type { ExportTarget, TargetOptions } from "./export-target.js";
import { openFileTarget } from "./open-file-target.js";
import { openStreamTarget } from "./stream-target.js";

/**
 * Opens a target before anything is asked of SparkPost.
 *
 * @throws UsageError where the target cannot be written, or it is for the caller to say how
 */
export async function openTarget(options: TargetOptions): Promise<ExportTarget> {
  const { output } = options;
  if (typeof output === "string") {
    return openFileTarget(output, options);
  }
  if (!isWritable(output)) {
    throw new UsageError("output must be the path of a file, or a stream.");
  }
  return openStreamTarget(output, options);
}

function isWritable(output: Partial<Record<"write" | "once", unknown>> | undefined): boolean {
  return typeof output?.write === "function" && typeof output.once === "function";
}
