import { type Declaration, flag, type Given } from "../declaration.js";
import { interrupted, unexpected, wrong } from "../exit-codes.js";

const options = {
  store: flag("--store", "keep all events in a database of one's own, and ask that"),
};

export type DemoGiven = Given<Record<never, never>, typeof options>;

export const demoCommand: Declaration = {
  arguments: {},
  options,
  examples: [
    ["sparky-events demo", "see an export work, without an account"],
    ["sparky-events demo --store", "see a database filled and searched"],
  ],
  exitCodes: [
    ["0", "exported"],
    unexpected,
    ["2", `with --store: ${wrong[1]}, or its database is not installed`],
    interrupted,
  ],
};
