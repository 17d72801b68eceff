import { type FileSettings, readFileSettings } from "./file-settings.js";
import { type FindGiven, findGiven, type SettingSources } from "./given.js";
import { type HostSettings, readHostSettings } from "./host-settings.js";
import { refuseSlips, slipWarnings } from "./ini-slips.js";
import { readSearchSettings, type SearchSettings } from "./search-settings.js";
import { readSyncSettings, type SyncSettings } from "./sync-settings.js";

/**
 * A new setting goes into the table of `setting-names.ts`, and into the group that it belongs to, with
 * what reads it.
 */
export interface Settings extends HostSettings, SearchSettings, FileSettings {
  readonly sync: SyncSettings;
}

/**
 * Settings from the command line, else the environment, else the ini file, else the defaults. Reads
 * the files that lists name with `@`: those of options from the working folder on, those of the ini
 * file from its own.
 *
 * @returns the settings, and warnings about what was probably meant otherwise
 * @throws UsageError naming the option, or the key and its line
 */
export function resolveSettings(sources: SettingSources): {
  settings: Settings;
  warnings: string[];
} {
  refuseSlips(sources);
  const find: FindGiven = (setting) => findGiven(sources, setting);
  const host = readHostSettings(find);
  const search = readSearchSettings(find);
  const file = readFileSettings(find);
  const sync = readSyncSettings(find, file.settings.records ?? "csv");
  return {
    settings: { ...host, ...search.settings, ...file.settings, sync },
    warnings: [...slipWarnings(sources), ...search.warnings, ...file.warnings],
  };
}
