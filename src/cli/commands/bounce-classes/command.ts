import type { Declaration, Given } from "../declaration.js";
import { unexpected, wrong } from "../exit-codes.js";
import { listingFormatOption } from "../shared-options.js";

const options = { format: listingFormatOption };

export type BounceClassesGiven = Given<Record<never, never>, typeof options>;

export const bounceClassesCommand: Declaration = {
  arguments: {},
  options,
  examples: [
    ["sparky-events bounce-classes", "what bounce_class 10 means"],
    ["sparky-events bounce-classes --format csv", "for a spreadsheet"],
  ],
  exitCodes: [["0", "listed"], unexpected, wrong],
};
