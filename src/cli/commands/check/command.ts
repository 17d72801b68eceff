import { mainSettings } from "../../../config/setting-names.js";
import { type Declaration, type Given, settings } from "../declaration.js";
import { keyRefused, rejected, unexpected } from "../exit-codes.js";
import { configOption } from "../shared-options.js";

const options = {
  config: configOption(),
  ...settings(
    mainSettings.host,
    {
      ...mainSettings.timeout,
      help: "longest silence of one request, 10s at most (default: 10s)",
    },
    mainSettings.api,
    { ...mainSettings.timezone, help: "zone to check, such as Europe/Berlin (default: UTC)" },
  ),
};

export type CheckGiven = Given<Record<never, never>, typeof options>;

export const checkCommand: Declaration = {
  arguments: {},
  options,
  examples: [
    ["sparky-events check", "what an export here would use, and whether it works"],
    ["sparky-events check --host api.eu.sparkpost.com", "is it an EU account?"],
  ],
  exitCodes: [
    ["0", "everything is ready for an export"],
    unexpected,
    rejected,
    keyRefused,
    ["4", "SparkPost could not be reached"],
  ],
};
