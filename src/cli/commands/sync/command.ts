import { mainSettings, type SettingName, syncSettings } from "../../../config/setting-names.js";
import { type Declaration, flag, type Given, settings, value } from "../declaration.js";
import { busy, rejected, unexpected } from "../exit-codes.js";
import {
  configOption,
  connectionGroup,
  filterGroups,
  folderArgument,
  outputSettings,
  quietOption,
  verboseOption,
} from "../shared-options.js";

const folderArguments = { dir: folderArgument };

/** Of an export alone. */
const foreign: readonly SettingName[] = [mainSettings.splitRows, mainSettings.allowExpired];

const helpHere: ReadonlyMap<SettingName, string> = new Map<SettingName, string>([
  [mainSettings.events, "event types of the archive, such as bounce,out_of_band (default: all)"],
  [
    mainSettings.timezone,
    "zone of the days, and of the times in the files, such as Europe/Berlin (default: UTC)",
  ],
]);

const options = {
  to: value(
    "--to <STORE>",
    "a database instead of a folder: events.duckdb, or postgres://host/database",
  ),
  days: value("--days <N>", "look at the last N days, at most as many as Retention (default: 10)"),
  includeToday: flag("--include-today", "add what there is of today; the next run replaces it"),
  ...settings(...Object.values(syncSettings)),
  acceptGaps: flag("--accept-gaps", "note what is lost for good, and report it no longer"),
  newSchema: flag("--new-schema", "where columns or the like differ, begin anew in a subfolder"),
  config: configOption(),
  ...settings(
    ...outputSettings
      .filter((setting) => !foreign.includes(setting))
      .map((setting) => ({ ...setting, help: helpHere.get(setting) ?? setting.help ?? "" })),
  ),
  quiet: quietOption,
  verbose: verboseOption,
};

export type SyncGiven = Given<typeof folderArguments, typeof options>;

export const syncCommand: Declaration = {
  arguments: folderArguments,
  takesMoreWords: true,
  options,
  settingGroups: [connectionGroup(), ...filterGroups],
  examples: [
    ["sparky-events sync", "the last 10 days, into ./sparkpost-events"],
    ["sparky-events sync /srv/mail --gzip", "another folder, compressed files"],
    ["sparky-events sync --layout hive --keep 400", "for DuckDB and the like; 400 days of it"],
    ["sparky-events sync --format parquet", "typed columns, for Athena, Spark and the like"],
    ["sparky-events sync --include-today", "with what there is of today"],
    ["sparky-events sync --to events.duckdb", "every event, into a database of your own"],
  ],
  exitCodes: [
    ["0", "the archive is complete"],
    unexpected,
    rejected,
    ["3", "SparkPost refused the API key, or the database the user"],
    ["4", "SparkPost could not be reached, or kept failing; the next run goes on"],
    ["5", "SparkPost's counts do not fit a file"],
    ["6", "days are missing that SparkPost no longer has"],
    busy,
    ["129, 130, 143", "interrupted: terminal closed, Ctrl-C, SIGTERM; the next run goes on"],
  ],
};
