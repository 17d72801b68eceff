import { createWriteStream } from "node:fs";
import { Socket } from "node:net";
import type { Writable } from "node:stream";

/**
 * Where standard output is a file, Node writes to it with single calls and overlooks that the last
 * one may have written only a part, as on a disk that is just full.
 */
export function standardOutput(stdout: NodeJS.WriteStream): Writable {
  if (stdout instanceof Socket) {
    return stdout;
  }
  // What fails once the export is over, as after Ctrl-C, concerns nobody.
  return createWriteStream("", { fd: 1, autoClose: false }).on("error", () => {});
}
