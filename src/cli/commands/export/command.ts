import { type Declaration, flag, type Given, settings, value } from "../declaration.js";
import { busy, keyRefused, notReached, rejected, unexpected } from "../exit-codes.js";
import {
  configOption,
  connectionGroup,
  filterGroups,
  outputSettings,
  quietOption,
  rangeArguments,
  whereOption,
} from "../shared-options.js";

const options = {
  out: value(
    "-o, --out <FILE>",
    "output file: NAME.csv, NAME.csv.gz, NAME.jsonl, NAME.parquet, NAME.xlsx for a workbook, or - for standard output",
  ),
  store: value(
    "--store <STORE>",
    "export from a database of your own: events.duckdb, or postgres://host/database",
  ),
  where: whereOption,
  config: configOption(),
  ...settings(...outputSettings),
  resume: flag("--resume", "go on with an interrupted export to the same file, where there is one"),
  force: flag("--force", "replace an existing output file, and begin an interrupted export anew"),
  dryRun: flag("--dry-run", "only ask how many events there are"),
  quiet: quietOption,
  verbose: flag("-v, --verbose", "print each request, all event types, and details of errors"),
  version: flag("--version", "print the version"),
};

export type ExportGiven = Given<typeof rangeArguments, typeof options>;

export const exportCommand: Declaration = {
  arguments: rangeArguments,
  takesMoreWords: true,
  options,
  settingGroups: [connectionGroup(), ...filterGroups],
  examples: [
    ["sparky-events yesterday", "yesterday, into a file here"],
    ["sparky-events 2026-11-17 2026-11-19", "three days, both ends included"],
    ["sparky-events 24h now --events bounce -o -", "the last day's bounces, to a pipe"],
    ["sparky-events yesterday -o yesterday.xlsx", "a workbook, for a spreadsheet"],
    ["sparky-events today --campaigns spring", "one campaign"],
    [
      "sparky-events 2026-01-01 2026-01-31 --store events.duckdb",
      "a month, from a database of your own",
    ],
  ],
  topics: [
    {
      title: "Times",
      text: "Times are read in --timezone and name the whole unit they are written in: 2026-11-19, 2026-11-19T08, 2026-11-19T08:30, 2026-11-19T08:30Z; today, yesterday, now; or so long ago: 90m, 24h, 7d. SparkPost keeps 10 days; 10d is all of it, and a start before that is refused without --allow-expired.",
    },
    {
      title: "Lists",
      text: "A LIST has commas between its values; one with a comma in it goes into double quotes. @FILE in a LIST stands for the lines of a file, one value each; a value that begins with @ goes into double quotes.\nIn a shell: --subjects '\"Hi, Ann\"'",
    },
    {
      title: "API key and settings",
      text: "The API key goes into sparkpost.ini, which sparky-events init writes, or into the environment variable SPARKPOST_API_KEY, or into a file of its own that SPARKPOST_API_KEY_FILE names. Lasting settings go into sparkpost.ini too.",
    },
  ],
  exitCodes: [
    ["0", "every event that matched is in the file"],
    unexpected,
    rejected,
    keyRefused,
    notReached,
    ["5", "not the events that SparkPost counted: some are missing, or came twice"],
    ["6", "days are lost for good (sync, status)"],
    busy,
    ["129, 130, 143", "interrupted: terminal closed, Ctrl-C, SIGTERM; --resume goes on"],
    ["141", "the reader of the pipe went away"],
  ],
};
