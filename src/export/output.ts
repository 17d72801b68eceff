import type { Writable } from "node:stream";
import { FileOutput } from "./file-output.js";
import { StreamOutput } from "./stream-output.js";

/** Where an export goes. */
export interface Output {
  /** Resolves when there is room for more. */
  write(bytes: Uint8Array): Promise<void>;
  /** Makes the export visible under its name, once and for all. */
  commit(): Promise<WrittenOutput>;
  /** Leaves nothing behind. */
  discard(): Promise<void>;
  /**
   * Keeps what was written under a name that says that it is not complete.
   *
   * @returns the path, or undefined where the output cannot be renamed
   */
  keepIncomplete(): Promise<string | undefined>;
}

export interface WrittenOutput {
  /** Absent for a stream. */
  readonly path: string | undefined;
  /** Size as written, after compression. */
  readonly bytes: number;
}

/**
 * Opens an output before anything is asked of SparkPost.
 *
 * @param target a path (gzipped where it ends in `.gz`), or a stream
 * @throws UsageError where the file exists already and `force` is off, or its folder does not exist
 */
export function openOutput(target: string | Writable, force: boolean): Promise<Output> {
  return typeof target === "string"
    ? FileOutput.open(target, force)
    : Promise.resolve(new StreamOutput(target));
}
