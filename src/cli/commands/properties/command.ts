import { type Declaration, type Given, optional } from "../declaration.js";
import { liveExitCodes } from "../exit-codes.js";
import { liveOptions } from "../shared-options.js";

const typeArguments = { type: optional("event type, such as bounce") };

export type PropertiesGiven = Given<typeof typeArguments, typeof liveOptions>;

export const propertiesCommand: Declaration = {
  arguments: typeArguments,
  options: liveOptions,
  examples: [
    ["sparky-events properties", "what --properties can name"],
    ["sparky-events properties bounce", "what a bounce has"],
    ["sparky-events properties --live", "what SparkPost has today; * is new"],
    ["sparky-events properties --format csv", "for a spreadsheet"],
  ],
  exitCodes: liveExitCodes,
};
