import { fstatSync, readSync, statSync } from "node:fs";
import { OutputError } from "../../errors.js";

/**
 * Makes sure that what is the whole purpose of a command has somewhere to go.
 *
 * @throws OutputError where the command was started without a standard output, as by `>&-`
 */
export function refuseAbsentOutput(): void {
  if (isAbsent(1)) {
    throw new OutputError("Could not write to standard output: it is closed.", {
      hint: "Let it lead to a file or a program. To throw it away, let it lead to /dev/null, opened for writing only, as > /dev/null does.",
    });
  }
}

/**
 * In place of a standard stream that is not there, Node.js opens /dev/null for reading and writing; a
 * shell that throws output away opens it for writing only.
 */
function isAbsent(fd: number): boolean {
  try {
    return fstatSync(fd).rdev === statSync("/dev/null").rdev && readSync(fd, Buffer.alloc(1)) === 0;
  } catch {
    // For writing only, or a system without that device.
    return false;
  }
}
