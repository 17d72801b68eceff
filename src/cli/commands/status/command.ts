import { mainSettings, syncSettings } from "../../../config/setting-names.js";
import { type Declaration, flag, type Given, settings, value } from "../declaration.js";
import { unexpected, wrong } from "../exit-codes.js";
import { configOption, folderArgument } from "../shared-options.js";

const folderArguments = { dir: folderArgument };

const options = {
  store: value(
    "--store <STORE>",
    "a database instead of a folder: events.duckdb, or postgres://host/database",
  ),
  verify: flag("--verify", "read every file, and compare its checksum and rows"),
  format: value("--format <NAME>", "table or json (default: table)", ["table", "json"]),
  config: configOption(
    "ini file with Settle and Keep (default: ./sparkpost.ini, then ~/.config/sparky-events/)",
  ),
  ...settings(
    {
      ...syncSettings.settle,
      help: "how long after its end a day is expected to be there, as for sync (default: 15m)",
    },
    {
      ...syncSettings.keep,
      help: "days after which sync deletes files, so that they are not missed (default: never)",
    },
    mainSettings.retention,
  ),
};

export type StatusGiven = Given<typeof folderArguments, typeof options>;

export const statusCommand: Declaration = {
  arguments: folderArguments,
  options,
  examples: [
    ["sparky-events status", "what is in ./sparkpost-events, and what is missing"],
    ["sparky-events status /srv/mail --verify", "read every file, too"],
    ["sparky-events status --format json", "for a program"],
    ["sparky-events status --store events.duckdb", "what a database of your own has, and lacks"],
  ],
  exitCodes: [
    ["0", "everything is there, as it was written"],
    unexpected,
    wrong,
    ["4", "files are missing, and the next sync can mend that"],
    ["5", "a file is not the one that was written, or the manifest is lost"],
    ["6", "files are missing that SparkPost no longer has"],
  ],
};
