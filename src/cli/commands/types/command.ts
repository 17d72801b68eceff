import type { Declaration } from "../declaration.js";
import { liveExitCodes } from "../exit-codes.js";
import { liveOptions } from "../shared-options.js";

export const typesCommand: Declaration = {
  arguments: {},
  options: liveOptions,
  examples: [
    ["sparky-events types", "what --events can name"],
    ["sparky-events types --live", "what SparkPost has today; * is new"],
    ["sparky-events types --format json", "with the properties of each, for a program"],
  ],
  exitCodes: liveExitCodes,
};
