import { dirname } from "node:path";
import { UsageError } from "../errors.js";
import type { GivenList } from "./filter-values.js";
import type { IniEntry } from "./ini-file.js";
import { findEntry, interpolate } from "./interpolation.js";
import type { SettingName } from "./setting-names.js";

export interface SettingSources {
  /** Values of options by option name, without dashes; `yes` or `no` where there is no value. */
  readonly options: Readonly<Record<string, string | undefined>>;
  /** From the environment; wins over the files. */
  readonly apiKey?: string | undefined;
  /** A file that holds the API key alone; wins over the ini file. */
  readonly keyFile?: { readonly name: string; readonly text: string } | undefined;
  readonly ini?: { readonly name: string; readonly entries: readonly IniEntry[] } | undefined;
}

/** A raw value and what to call it in an error. */
export interface Given extends GivenList {
  /** Folder that paths in the value start from. */
  readonly folder: string;
}

/** What is given for a setting; undefined where nothing is. */
export type FindGiven = (setting: SettingName) => Given | undefined;

/** Looks on the command line, then in the ini file. */
export function findGiven(
  sources: SettingSources,
  { key, option }: SettingName,
): Given | undefined {
  const fromOption = option === undefined ? undefined : sources.options[option];
  if (fromOption !== undefined) {
    return { value: fromOption, name: `--${option}`, folder: "" };
  }
  const { ini } = sources;
  const entry = ini && findEntry(ini.entries, key);
  if (!entry) {
    return undefined;
  }
  const name = nameOf(entry, ini);
  const value = interpolate(entry, ini.entries, name);
  // A blank value in the file means the default, as an absent key does.
  return value === "" ? undefined : { value, name, folder: dirname(ini.name) };
}

export function nameOf({ key, line }: IniEntry, { name }: { readonly name: string }): string {
  return `${name}, line ${line}: ${key}`;
}

/** What `read` returns or throws; its error says where the wrong text stands. */
export function withName<Result>(given: Given | undefined, read: () => Result): Result {
  try {
    return read();
  } catch (error) {
    if (given && error instanceof UsageError) {
      throw new UsageError(`${given.name}: ${error.message}`, error);
    }
    throw error;
  }
}
