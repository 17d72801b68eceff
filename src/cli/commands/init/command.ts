import type { Declaration, Given } from "../declaration.js";
import { interrupted, unexpected } from "../exit-codes.js";
import { configOption } from "../shared-options.js";

const options = { config: configOption("ini file to write (default: ./sparkpost.ini)") };

export type InitGiven = Given<Record<never, never>, typeof options>;

export const initCommand: Declaration = {
  arguments: {},
  options,
  examples: [
    ["sparky-events init", "asks, tries the key, and writes sparkpost.ini here"],
    ["sparky-events init -c eu.ini", "another file, for another account"],
    ["sparky-events init < /dev/null", "asks nothing; writes an example with comments"],
  ],
  exitCodes: [
    ["0", "the file is written, or was left as it is when asked"],
    unexpected,
    ["2", "the file is there already, or cannot be written"],
    interrupted,
  ],
};
