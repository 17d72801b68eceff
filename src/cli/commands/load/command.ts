import { mainSettings } from "../../../config/setting-names.js";
import { type Declaration, type Given, settings, several, value } from "../declaration.js";
import { busy, storeRefused, unexpected, wrong } from "../exit-codes.js";
import { quietOption, verboseOption } from "../shared-options.js";

const files = { file: several("files of --format jsonl, gzipped or not; - for standard input") };

const options = {
  to: value("--to <STORE>", "the database: events.duckdb (default), or postgres://host/database"),
  ...settings(mainSettings.logFormat),
  quiet: quietOption,
  verbose: verboseOption,
};

export type LoadGiven = Given<typeof files, typeof options>;

export const loadCommand: Declaration = {
  arguments: files,
  options,
  examples: [
    ["sparky-events load 2026-*.jsonl.gz", "into ./events.duckdb"],
    ["sparky-events load old.jsonl --to postgres://db/mail", "into PostgreSQL"],
  ],
  exitCodes: [
    ["0", "every event of the files is in the database"],
    unexpected,
    wrong,
    storeRefused,
    ["4", "the database could not be reached, or failed"],
    busy,
    ["129, 130, 143", "interrupted; run it again: no event is kept twice"],
  ],
};
