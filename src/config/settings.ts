import { dirname } from "node:path";
import type { Zone } from "luxon";
import {
  defaultConcurrency,
  defaultGiveUpAfter,
  defaultMaxBody,
  defaultTimeout,
  isApiKey,
  mostConcurrency,
} from "../api/client.js";
import { defaultHost, parseHost } from "../api/origin.js";
import { type ApiName, mostPerPage, type SearchFilterValues } from "../api/search.js";
import type { SearchFilterName } from "../api/search-filters.js";
import { bounceClassCodes } from "../catalog/bounce-class-codes.js";
import { bounceClasses, eventTypes } from "../catalog/event-catalog.js";
import { nameKey } from "../catalog/name-key.js";
import { parseColumns, unknownColumns } from "../csv/column-list.js";
import {
  type Column,
  type CsvFormat,
  completeLayout,
  type Delimiter,
  defaultFormat,
  delimiters,
  excelFormat,
  type TimestampFormat,
} from "../csv/csv-layout.js";
import { defaultProperties } from "../csv/default-properties.js";
import { UsageError } from "../errors.js";
import { nearest } from "../nearest.js";
import { formatSize, parseSize } from "../size.js";
import type { ArchiveLayout } from "../sync/archive-schema.js";
import type { PeriodLength } from "../sync/period.js";
import { defaultSettle } from "../sync/plan.js";
import { parseDuration } from "../time/duration.js";
import { defaultRetention } from "../time/retention.js";
import { unitLength } from "../time/units.js";
import { resolveZone } from "../time/zone.js";
import { withColumnFiles } from "./column-files.js";
import { type GivenList, readFilterValues } from "./filter-values.js";
import { type IniEntry, normalizeKey } from "./ini-file.js";
import { findEntry, interpolate, interpolationRemarks, keysNamedIn } from "./interpolation.js";
import {
  filterSettings,
  mainSettings,
  otherNames,
  type SettingName,
  settingNames,
  syncSettings,
} from "./setting-names.js";
import { readValueFile } from "./value-file.js";

export interface Settings {
  /** Scheme, host and port. */
  readonly origin: string;
  readonly api: ApiName;
  /** Event types; empty for all. */
  readonly events: readonly string[];
  readonly columns: readonly Column[];
  readonly format: CsvFormat;
  readonly filters: SearchFilterValues;
  readonly zone: Zone;
  /** Whether the file is for Excel and its kin. */
  readonly excel: boolean;
  /** Whether a range that begins before what the host keeps is exported as far as it is there. */
  readonly allowExpired: boolean;
  /** How long the host keeps events, in milliseconds; `Infinity` for good. */
  readonly retention: number;
  /** The most rows in a file; 0 for a single file, absent where nothing is said. */
  readonly splitRows: number | undefined;
  readonly perPage: number;
  /** The most requests at once. */
  readonly concurrency: number;
  /** Milliseconds. */
  readonly timeout: number;
  /** Milliseconds. */
  readonly giveUpAfter: number;
  /** Largest answer that is received, unpacked, in bytes. */
  readonly maxBody: number;
  readonly sync: SyncSettings;
}

/** What `sparky-events sync` goes by. */
export interface SyncSettings {
  readonly by: PeriodLength;
  readonly layout: ArchiveLayout;
  readonly gzip: boolean;
  /** Milliseconds. */
  readonly settle: number;
  /** Days after which files are deleted; absent where they are kept for good. */
  readonly keep: number | undefined;
}

/** Whom a run that nobody watches tells that it is over. */
export interface HookSettings {
  /** Address that is asked for after a run that went well. */
  readonly hookOk: URL | undefined;
  readonly hookFail: URL | undefined;
}

export type LogFormat = (typeof mainSettings.logFormat.values)[number];

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
interface Given extends GivenList {
  /** Folder that paths in the value start from. */
  readonly folder: string;
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
  refuseSwallowedKeys(sources);
  refuseCommentsInLine(sources);
  const find = (setting: SettingName) => findGiven(sources, setting);
  const excel = readYesNo(find(mainSettings.excel), false);
  const properties = readColumnText(find(mainSettings.properties));
  const settings: Settings = {
    origin: readHost(find(mainSettings.host)),
    api: readApi(find(mainSettings.api)),
    events: readEvents(find(mainSettings.events)),
    columns: readColumns(properties),
    format: readFormat(find, excel),
    excel,
    filters: readFilters(find),
    zone: readZone(find(mainSettings.timezone)),
    allowExpired: readYesNo(find(mainSettings.allowExpired), false),
    retention: readRetention(find(mainSettings.retention)),
    splitRows: readSplitRows(find(mainSettings.splitRows)),
    perPage: readCount(find(mainSettings.perPage), mostPerPage, mostPerPage),
    concurrency: readCount(find(mainSettings.concurrency), defaultConcurrency, mostConcurrency),
    timeout: readDuration(find(mainSettings.timeout), defaultTimeout),
    giveUpAfter: readDuration(find(mainSettings.giveUpAfter), defaultGiveUpAfter),
    maxBody: readMaxBody(find(mainSettings.maxBody)),
    sync: readSync(find),
  };
  const warnings = [
    ...unknownKeys(sources),
    ...unlikeWritten(sources),
    ...unknownTypes(settings.events, find(mainSettings.events)),
    ...unknownBounceClasses(settings.filters, find),
    ...unknownProperties(properties),
  ];
  return { settings, warnings };
}

/**
 * How to tell of a run, and of what is wrong with its other settings.
 *
 * @throws UsageError naming the option, or the key and its line
 */
export function resolveLogFormat(sources: SettingSources): LogFormat {
  return readChoice(
    findGiven(sources, mainSettings.logFormat),
    mainSettings.logFormat.values,
    "text",
  );
}

/** @throws UsageError naming the option, or the key and its line */
export function resolveHooks(sources: SettingSources): HookSettings {
  return {
    hookOk: readHook(findGiven(sources, syncSettings.hookOk)),
    hookFail: readHook(findGiven(sources, syncSettings.hookFail)),
  };
}

function findGiven(sources: SettingSources, { key, option }: SettingName): Given | undefined {
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

function nameOf({ key, line }: IniEntry, { name }: { readonly name: string }): string {
  return `${name}, line ${line}: ${key}`;
}

/**
 * The API key from the environment, else from its own file, else from the ini file.
 *
 * @throws UsageError where there is none, or where it cannot be one
 */
export function resolveApiKey(sources: SettingSources): string {
  const { keyFile } = sources;
  const given = sources.apiKey
    ? { value: sources.apiKey, name: "SPARKPOST_API_KEY" }
    : keyFile
      ? { value: keyFile.text, name: keyFile.name }
      : findGiven(sources, mainSettings.apiKey);
  if (!given) {
    throw new UsageError(
      sources.ini
        ? `${sources.ini.name} holds no API key.`
        : "There is no API key: no sparkpost.ini here or in ~/.config/sparky-events, and no SPARKPOST_API_KEY.",
      {
        hint: sources.ini
          ? "Write Authorization = <your key> below [SparkPost], or set SPARKPOST_API_KEY."
          : "To write a sparkpost.ini: npx sparky-events init. To see the tool work without a key: npx sparky-events demo",
      },
    );
  }
  const apiKey = given.value.trim();
  if (apiKey === "") {
    throw new UsageError(`${given.name} is empty.`, { hint: "Write the API key into it." });
  }
  if (!isApiKey(apiKey)) {
    throw new UsageError(`${given.name} does not look like an API key.`, {
      hint: keyHint(apiKey),
    });
  }
  return apiKey;
}

function keyHint(text: string): string {
  if (/^(["']).*\1$/.test(text)) {
    return "Remove the quotes.";
  }
  if (/^bearer\s/i.test(text)) {
    return 'Leave out "Bearer": the key stands alone.';
  }
  if (/^(\[|authorization\s*[=:])/i.test(text)) {
    return "The key must stand alone in it. To name an ini file, use --config FILE.";
  }
  return /^<.*>$/.test(text)
    ? `Write your own key in place of ${text}, without < and >.`
    : "A key has letters and digits only: no quotes, no spaces, no < and >.";
}

function readHost(given: Given | undefined): string {
  return parseHost(given?.value ?? defaultHost, given?.name);
}

function readApi(given: Given | undefined): ApiName {
  const name = given?.value.toLowerCase() ?? "events";
  const api = mainSettings.api.values.find((one) => one === name);
  if (api === undefined) {
    throw new UsageError(`${given?.name}: there is no API "${given?.value}".`, {
      hint: "Write events, or message-events for the legacy API of on-premises hosts.",
    });
  }
  return api;
}

const mostKept = 100_000;

function readSync(find: (setting: SettingName) => Given | undefined): SyncSettings {
  const layout = readChoice(find(syncSettings.layout), syncSettings.layout.values, "flat");
  const keep = find(syncSettings.keep);
  return {
    by: readChoice(find(syncSettings.by), syncSettings.by.values, "day"),
    layout,
    gzip: readYesNo(find(syncSettings.gzip), layout === "hive"),
    settle: readDuration(find(syncSettings.settle), defaultSettle),
    keep: keep && readCount(keep, 0, mostKept, "Leave it out to keep all files."),
  };
}

function readChoice<Name extends string>(
  given: Given | undefined,
  names: readonly Name[],
  otherwise: Name,
): Name {
  const name = given ? names.find((one) => one === given.value.toLowerCase()) : otherwise;
  if (name === undefined) {
    throw new UsageError(`${given?.name}: "${given?.value}" is not one of ${names.join(", ")}.`, {
      hint: `Leave it out for ${otherwise}.`,
    });
  }
  return name;
}

function readHook(given: Given | undefined): URL | undefined {
  if (!given) {
    return undefined;
  }
  // The address is not shown: it may hold a secret.
  if (!URL.canParse(given.value) || !/^https?:$/.test(new URL(given.value).protocol)) {
    throw new UsageError(`${given.name} is not the address of a web page.`, {
      hint: "For example: https://hc-ping.com/your-uuid",
    });
  }
  return new URL(given.value);
}

/** The list of columns, with what is in files in the place of their names. */
function readColumnText(given: Given | undefined): Given | undefined {
  return (
    given && {
      ...given,
      value: withColumnFiles(given.value, (path) =>
        readValueFile(path, given.folder, given).join("\n"),
      ),
    }
  );
}

function readColumns(given: Given | undefined): readonly Column[] {
  return withName(given, () => {
    const columns = parseColumns(given?.value ?? "");
    return columns.length > 0
      ? completeLayout({ columns }).columns
      : parseColumns(defaultProperties.join());
  });
}

/** What is said explicitly wins over what `excel` stands for. */
function readFormat(find: (setting: SettingName) => Given | undefined, excel: boolean): CsvFormat {
  const { timestampFormat, recordDelimiter, byteOrderMark, quoteText } = excel
    ? { ...defaultFormat, ...excelFormat }
    : defaultFormat;
  return {
    timestampFormat: readTimestampFormat(find(mainSettings.timestampFormat), timestampFormat),
    delimiter: readDelimiter(find(mainSettings.csvDelimiter)),
    recordDelimiter,
    byteOrderMark,
    quoteText,
    escapeFormulas: readYesNo(find(mainSettings.escapeFormulas), true),
  };
}

function readTimestampFormat(
  given: Given | undefined,
  otherwise: TimestampFormat,
): TimestampFormat {
  const name = given?.value.toLowerCase();
  const names = mainSettings.timestampFormat.values;
  const format = names.find((one) => one === name);
  if (given && !format) {
    const meant = nearest(given.value, names);
    throw new UsageError(`${given.name}: there is no timestamp format "${given.value}".`, {
      hint: `${meant ? `Did you mean ${meant}? ` : ""}Write iso (2026-11-19T18:59:59.000+01:00), spreadsheet (2026-11-19 18:59:59), epoch (seconds since 1970) or raw (as SparkPost sends it).`,
    });
  }
  return format ?? otherwise;
}

const delimiterNames: ReadonlyMap<string, Delimiter> = new Map([
  ...delimiters.map((delimiter) => [delimiter, delimiter] as const),
  ["comma", ","],
  ["semicolon", ";"],
  ["tab", "\t"],
  ["\\t", "\t"],
  ["pipe", "|"],
]);

function readDelimiter(given: Given | undefined): Delimiter {
  const delimiter = delimiterNames.get(given?.value.toLowerCase() ?? defaultFormat.delimiter);
  if (!delimiter) {
    throw new UsageError(`${given?.name}: "${given?.value}" is not a delimiter.`, {
      hint: "In a shell, ; and | without quotes end the command. Write comma, semicolon, pipe or tab.",
    });
  }
  return delimiter;
}

const yesWords = ["yes", "true", "on", "1"];
const noWords = ["no", "false", "off", "0"];

function readYesNo(given: Given | undefined, otherwise: boolean): boolean {
  if (!given) {
    return otherwise;
  }
  const word = given.value.toLowerCase();
  if (!yesWords.includes(word) && !noWords.includes(word)) {
    throw new UsageError(`${given.name}: "${given.value}" is neither yes nor no.`, {
      hint: "Write yes or no.",
    });
  }
  return yesWords.includes(word);
}

/** What `read` returns or throws; its error says where the wrong text stands. */
function withName<Result>(given: Given | undefined, read: () => Result): Result {
  try {
    return read();
  } catch (error) {
    if (given && error instanceof UsageError) {
      throw new UsageError(`${given.name}: ${error.message}`, error);
    }
    throw error;
  }
}

/** Event types; how a known one is written makes no difference. */
function readEvents(given: Given | undefined): string[] {
  const events = readValues(given).map(
    (text) => eventTypes.find(({ type }) => nameKey(type) === nameKey(text))?.type ?? text,
  );
  return [...new Set(events)];
}

/** Values to search for, some of which may be in files. */
function readValues(given: Given | undefined): string[] {
  if (!given) {
    return [];
  }
  const values = readFilterValues(given, (path) => readValueFile(path, given.folder, given));
  if (values.length === 0) {
    // To search for everything instead is hardly what is meant, such as by a variable that is not set.
    throw new UsageError(`${given.name} names no value.`, {
      hint: "Leave it out to search for all, or write what to search for.",
    });
  }
  return values;
}

/** What a value stands for, of filters whose values may be written in other words. */
const filterWords: Partial<Record<SearchFilterName, (text: string) => readonly string[]>> = {
  bounce_classes: bounceClassCodes,
};

function readFilters(find: (setting: SettingName) => Given | undefined): SearchFilterValues {
  const filters: Partial<Record<SearchFilterName, readonly string[]>> = {};
  for (const setting of filterSettings) {
    const given = find(setting);
    const read = filterWords[setting.filter] ?? ((text) => [text]);
    const written = readValues(given);
    const values = [...new Set(withName(given, () => written.flatMap(read)))];
    if (values.length > 0) {
      filters[setting.filter] = values;
    }
  }
  if (filters.ab_test_versions && !filters.ab_tests) {
    throw new UsageError("A/B test versions are given without an A/B test.", {
      hint: "Add --ab-tests ID (or AbTests in the ini file).",
    });
  }
  return filters;
}

function readZone(given: Given | undefined): Zone {
  return withName(given, () => resolveZone(given?.value));
}

function readCount(
  given: Given | undefined,
  otherwise: number,
  most: number,
  hint = `Leave it out for ${otherwise}.`,
): number {
  if (!given) {
    return otherwise;
  }
  const count = Number(given.value);
  if (!/^\d+$/.test(given.value) || count < 1 || count > most) {
    throw new UsageError(`${given.name}: "${given.value}" is not a number from 1 to ${most}.`, {
      hint,
    });
  }
  return count;
}

function readSplitRows(given: Given | undefined): number | undefined {
  if (!given) {
    return undefined;
  }
  const rows = Number(given.value);
  if (!/^\d+$/.test(given.value) || !Number.isSafeInteger(rows)) {
    throw new UsageError(`${given.name}: "${given.value}" is not a number of rows.`, {
      hint: "Write digits only, for example 1000000, or 0 for a single file.",
    });
  }
  return rows;
}

const longestDuration = 24 * 3_600_000;

function readDuration(given: Given | undefined, otherwise: number): number {
  const duration = given ? parseDuration(given.value, given.name) : otherwise;
  if (duration > longestDuration) {
    throw new UsageError(`${given?.name}: "${given?.value}" is too long.`, {
      hint: "Write at most 24h.",
    });
  }
  return duration;
}

/** A duration, for a setting that may have a word in its place. */
function readDurationOr(word: string, { value, name }: Given): number {
  if (!/^\d/.test(value)) {
    throw new UsageError(`${name}: "${value}" is not a duration.`, {
      hint: `Write a number and a unit, such as 400d, or ${word}.`,
    });
  }
  return parseDuration(value, name);
}

/** A day at the least, since an archive has a file per day. */
const leastRetention = unitLength.day;

function readRetention(given: Given | undefined): number {
  if (!given) {
    return defaultRetention;
  }
  if (given.value.toLowerCase() === "unlimited") {
    return Number.POSITIVE_INFINITY;
  }
  const retention = readDurationOr("unlimited", given);
  if (retention < leastRetention) {
    throw new UsageError(`${given.name}: "${given.value}" is too short.`, {
      hint: "Write at least 1d, or unlimited.",
    });
  }
  return retention;
}

/** Even a page of few events, or an error, has some kB. */
const leastBody = 1_000_000;

function readMaxBody(given: Given | undefined): number {
  if (!given) {
    return defaultMaxBody;
  }
  const size = parseSize(given.value, `${given.name}:`);
  if (size < leastBody) {
    throw new UsageError(`${given.name}: "${given.value}" is too small.`, {
      hint: `Write at least ${formatSize(leastBody)}, or leave it out for ${formatSize(defaultMaxBody)}.`,
    });
  }
  return size;
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
    [...Object.values(others), ...Object.values(syncSettings)].map(({ key }) => normalizeKey(key)),
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

function unknownTypes(events: readonly string[], given: Given | undefined): string[] {
  const known = eventTypes.map(({ type }) => type);
  return events
    .filter((type) => !known.includes(type))
    .map((type) => {
      const meant = nearest(type, known);
      const question = meant ? `did you mean ${meant}?` : "SparkPost documents no such event type.";
      return `${given?.name}: ${type}: ${question} It is asked for as it is.`;
    });
}

function unknownBounceClasses(
  { bounce_classes: codes = [] }: SearchFilterValues,
  find: (setting: SettingName) => Given | undefined,
): string[] {
  const setting = filterSettings.find(({ filter }) => filter === "bounce_classes");
  const known = bounceClasses.map(({ code }) => String(code));
  return codes
    .filter((code) => !known.includes(code))
    .map(
      (code) =>
        `${setting && find(setting)?.name}: ${code}: SparkPost documents no such bounce class. It is asked for as it is.`,
    );
}

function unknownProperties(given: Given | undefined): string[] {
  return unknownColumns(parseColumns(given?.value ?? "")).map(
    (warning) => `${given?.name}: ${warning}`,
  );
}
