import { UsageError } from "../errors.js";
import { nearest } from "../nearest.js";
import { nameOf, type SettingSources } from "./given.js";
import { type IniEntry, normalizeKey } from "./ini-file.js";
import { findEntry, interpolationRemarks, keysNamedIn } from "./interpolation.js";
import {
  mainSettings,
  otherNames,
  type SettingName,
  serveSettings,
  settingNames,
  syncSettings,
} from "./setting-names.js";

/** @throws UsageError where a line of the ini file cannot mean what it says to the ini format */
export function refuseSlips(sources: SettingSources): void {
  refuseSwallowedKeys(sources);
  refuseCommentsInLine(sources);
}

/** Whole sentences about what in the ini file has no effect, or another one than it seems to. */
export function slipWarnings(sources: SettingSources): string[] {
  return [...unknownKeys(sources), ...unlikeWritten(sources)];
}

/** An indented line continues the value above it, which is hardly meant where it names a setting. */
function refuseSwallowedKeys({ ini }: SettingSources): void {
  const known = new Set(settingNames.map(({ key }) => normalizeKey(key)));
  for (const { key, value, line } of ownEntries(ini)) {
    for (const text of value.split("\n").slice(1)) {
      const [, name = ""] = /^([\w-]+)\s*[=:]/.exec(text) ?? [];
      if (known.has(normalizeKey(name))) {
        throw new UsageError(
          `${ini?.name}: ${name} is indented, so it belongs to ${key} in line ${line}.`,
          { hint: `Remove the spaces in front of ${name}.` },
        );
      }
    }
  }
}

/** A comment behind a value is part of the value, which for most settings cannot be meant. */
function refuseCommentsInLine({ ini }: SettingSources): void {
  const { properties, ...others } = mainSettings;
  const plain = new Set(
    [others, syncSettings, serveSettings]
      .flatMap((group): SettingName[] => Object.values(group))
      .map(({ key }) => normalizeKey(key)),
  );
  for (const { key, value, line } of ini?.entries ?? []) {
    const [, mark] = /\s([#;])/.exec(value) ?? [];
    if (mark !== undefined && plain.has(normalizeKey(key))) {
      throw new UsageError(`${ini?.name}, line ${line}: ${key} has a ${mark} in its value.`, {
        hint: "A comment needs a line of its own.",
      });
    }
  }
}

/** What stands in `[DEFAULT]` may be meant for others. */
function ownEntries(ini: SettingSources["ini"]): readonly IniEntry[] {
  return ini?.entries.filter(({ section }) => section === "SparkPost") ?? [];
}

function unknownKeys({ ini }: SettingSources): string[] {
  const known = new Map(settingNames.map(({ key }) => [normalizeKey(key), key]));
  const named = ini?.entries.flatMap(({ value }) => keysNamedIn(value)) ?? [];
  const used = new Set([...known.keys(), ...named.map(normalizeKey)]);
  return ownEntries(ini)
    .filter(({ key }) => !used.has(normalizeKey(key)))
    .map(({ key, line }) => {
      const meant = otherNames.get(normalizeKey(key))?.key ?? nearest(key, [...known.values()]);
      const question = meant ? ` Did you mean ${meant}?` : "";
      return `${ini?.name}, line ${line}: there is no setting ${key}; it is ignored.${question}`;
    });
}

/** What is not read as it is written, or from where it is looked for. */
function unlikeWritten({ ini, options }: SettingSources): string[] {
  if (!ini) {
    return [];
  }
  return settingNames
    .filter(({ option }) => option === undefined || options[option] === undefined)
    .flatMap(({ key }) => findEntry(ini.entries, key) ?? [])
    .sort((a, b) => a.line - b.line)
    .flatMap((entry) => [
      ...(entry.section === "DEFAULT"
        ? [
            `${ini.name}, line ${entry.line}: ${entry.key} in [DEFAULT] counts for [SparkPost] too, as in Python's configparser. Write it below [SparkPost] if it is meant.`,
          ]
        : []),
      ...interpolationRemarks(entry).map((remark) => `${nameOf(entry, ini)}: ${remark}`),
    ]);
}
