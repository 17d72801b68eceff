import { mainSettings } from "../../../config/setting-names.js";
import { type Declaration, type Given, settings, value } from "../declaration.js";
import { interrupted, keyRefused, notReached, rejected, unexpected } from "../exit-codes.js";
import {
  configOption,
  connectionGroup,
  filterGroups,
  listingFormatOption,
  quietOption,
  rangeArguments,
  verboseOption,
  whereOption,
} from "../shared-options.js";

const options = {
  format: listingFormatOption,
  store: value(
    "--store <STORE>",
    "count in a database of your own: events.duckdb, or postgres://host/database",
  ),
  where: whereOption,
  config: configOption(),
  ...settings(
    {
      ...mainSettings.events,
      help: "event types to count, such as bounce,out_of_band (default: all)",
    },
    {
      ...mainSettings.timezone,
      help: "zone of <from> and <to>, such as Europe/Berlin (default: UTC)",
    },
    {
      ...mainSettings.allowExpired,
      help: "count what is left of a range that SparkPost no longer has all of",
    },
    mainSettings.retention,
  ),
  quiet: quietOption,
  verbose: verboseOption,
};

export type CountGiven = Given<typeof rangeArguments, typeof options>;

export const countCommand: Declaration = {
  arguments: rangeArguments,
  takesMoreWords: true,
  options,
  settingGroups: [connectionGroup([mainSettings.perPage]), ...filterGroups],
  examples: [
    ["sparky-events count yesterday", "what happened yesterday"],
    ["sparky-events count 24h now --campaigns spring", "to one campaign"],
    ["sparky-events count 7d now --bounce-classes hard", "in seven days, which bounced for good"],
    ["sparky-events count yesterday --format csv", "for a program"],
  ],
  topics: [{ title: "Requests", text: "It asks for numbers only, with a request per event type." }],
  exitCodes: [["0", "counted"], unexpected, rejected, keyRefused, notReached, interrupted],
};
