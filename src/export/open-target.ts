import type { ExportTarget, TargetOptions } from "./export-target.js";
import { FileTarget } from "./file-target.js";
import { openStreamTarget } from "./stream-target.js";

/**
 * Opens a target before anything is asked of SparkPost.
 *
 * @throws UsageError where the target cannot be written, or it is for the caller to say how
 */
export function openTarget(options: TargetOptions): Promise<ExportTarget> {
  const { output } = options;
  return typeof output === "string"
    ? FileTarget.open(output, options)
    : openStreamTarget(output, options);
}
