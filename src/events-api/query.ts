import { DateTime, IANAZone } from "luxon";
import { type SearchFilter, searchFilters } from "../api/search-filters.js";
import { parsePath } from "../csv/column-list.js";
import { UsageError } from "../errors.js";
import { badParameter } from "../http/answer.js";
import type { TimeSpan } from "../time/retention.js";
import { unitLength } from "../time/units.js";
import type { MetadataFilter, SearchQuery } from "./event-search.js";

export interface EventsQuery extends SearchQuery {
  readonly perPage: number;
  /** Place to go on from; `undefined` for the first page. */
  readonly cursor: string | undefined;
}

export interface LegacyQuery extends SearchQuery {
  readonly perPage: number;
  /** Counted from 1. */
  readonly page: number;
  /** IANA name of the zone that times are read and shown in. */
  readonly timezone: string;
}

export interface QueryLimits {
  /** The time, in milliseconds since 1970. */
  readonly now: () => number;
  /** The most events that a page may have. */
  readonly mostPerPage: number;
}

/** Counts of events stay whole numbers for any page. */
const lastPage = 1_000_000_000;

const usualPerPage = 1000;

const metadataProperty = "rcpt_meta";

const commonParameters = ["events", "delimiter", "from", "to", "per_page"];

const eventsFilters = new Map<string, SearchFilter>(
  searchFilters.map((filter) => [filter.name, filter]),
);
const legacyFilters = new Map<string, SearchFilter>(
  searchFilters.flatMap((filter) =>
    "legacyName" in filter ? [[filter.legacyName, filter] as const] : [],
  ),
);

/**
 * Reads the parameters of the Events API's search.
 *
 * @throws HttpError 400
 */
export function parseEventsQuery(parameters: URLSearchParams, limits: QueryLimits): EventsQuery {
  const now = limits.now();
  const metadata = metadataNames(parameters);
  checkNames(parameters, ["cursor", ...commonParameters, ...eventsFilters.keys(), ...metadata]);
  const { from, to } = readUtcRange(parameters, now);
  const cursor = parameters.get("cursor") ?? "initial";
  return {
    from,
    to,
    ...readFilters(parameters, eventsFilters),
    metadata: readMetadata(parameters, metadata),
    perPage: readPerPage(parameters, limits),
    cursor: cursor === "initial" ? undefined : cursor,
  };
}

/**
 * Reads the parameters of the legacy Message Events API.
 *
 * @throws HttpError 400
 */
export function parseLegacyQuery(parameters: URLSearchParams, limits: QueryLimits): LegacyQuery {
  const now = limits.now();
  const metadata = metadataNames(parameters);
  checkNames(parameters, [
    "timezone",
    "page",
    ...commonParameters,
    ...legacyFilters.keys(),
    ...metadata,
  ]);
  const timezone = parameters.get("timezone") ?? "UTC";
  if (!IANAZone.isValidZone(timezone)) {
    throw badParameter(`timezone must be the name of a time zone: ${timezone}`);
  }
  const parse = (text: string): DateTime =>
    DateTime.fromFormat(text, "yyyy-MM-dd'T'HH:mm", { zone: timezone, locale: "en-US" });
  const from = readTime(parameters, "from", parse) ?? wholeMinute(now - unitLength.day);
  const lastMinute = readTime(parameters, "to", parse) ?? wholeMinute(now - unitLength.minute);
  checkRange(from, lastMinute);
  return {
    from,
    to: lastMinute + unitLength.minute,
    ...readFilters(parameters, legacyFilters),
    metadata: readMetadata(parameters, metadata),
    perPage: readPerPage(parameters, limits),
    page: readInteger(parameters, "page", 1, lastPage),
    timezone,
  };
}

/**
 * Reads a time range alone, as the Events API's search has it.
 *
 * @throws HttpError 400
 */
export function parseRange(parameters: URLSearchParams, now: number): TimeSpan {
  checkNames(parameters, ["from", "to"]);
  return readUtcRange(parameters, now);
}

function readUtcRange(parameters: URLSearchParams, now: number): TimeSpan {
  const from = readTime(parameters, "from", parseUtcTime) ?? now - unitLength.day;
  const to = readTime(parameters, "to", parseUtcTime) ?? now - unitLength.minute;
  checkRange(from, to);
  return { from, to };
}

/** The values of a list parameter; `undefined` when it is absent. */
export function readList(parameters: URLSearchParams, name: string): string[] | undefined {
  const text = parameters.get(name);
  if (text === null) return undefined;
  const delimiter = parameters.get("delimiter") ?? ",";
  if (delimiter === "") throw badParameter("delimiter must not be empty");
  const values = text.split(delimiter);
  if (values.includes("")) throw badParameter(`${name} must not have empty values`);
  return values;
}

/** Refuses parameters that are not among `known`, or given twice. */
export function checkNames(parameters: URLSearchParams, known: readonly string[]): void {
  for (const name of parameters.keys()) {
    if (!known.includes(name)) throw badParameter(`Unknown parameter: ${name}`);
    if (parameters.getAll(name).length > 1) throw badParameter(`${name} must be given once`);
  }
}

function readFilters(
  parameters: URLSearchParams,
  known: ReadonlyMap<string, SearchFilter>,
): Pick<SearchQuery, "types" | "filters"> {
  const filters = [...known].flatMap(([name, filter]) => {
    const values = readList(parameters, name);
    return values ? [{ filter, values }] : [];
  });
  const has = (name: string): boolean => filters.some(({ filter }) => filter.name === name);
  if (has("ab_test_versions") && !has("ab_tests")) {
    throw badParameter("ab_test_versions needs the ids of A/B tests too");
  }
  return { types: readList(parameters, "events"), filters };
}

/** Parameters that lead into what the sender said of the recipient. */
function metadataNames(parameters: URLSearchParams): string[] {
  return [...parameters.keys()].filter((name) => name.startsWith(`${metadataProperty}.`));
}

function readMetadata(parameters: URLSearchParams, names: readonly string[]): MetadataFilter[] {
  return names.map((name) => ({
    path: readPath(name),
    values: readList(parameters, name) ?? [],
  }));
}

function readPath(name: string): string[] {
  try {
    return parsePath(name);
  } catch (error) {
    if (error instanceof UsageError) {
      throw badParameter(`${name} is not a path such as ${metadataProperty}.order_id`);
    }
    throw error;
  }
}

/** A page is no longer than the server gives, and the usual length where nothing is said. */
function readPerPage(parameters: URLSearchParams, { mostPerPage }: QueryLimits): number {
  return readInteger(parameters, "per_page", Math.min(usualPerPage, mostPerPage), mostPerPage);
}

function readInteger(
  parameters: URLSearchParams,
  name: string,
  fallback: number,
  highest: number,
): number {
  const text = parameters.get(name);
  if (text === null) return fallback;
  const value = /^\d+$/.test(text) ? Number(text) : 0;
  if (value < 1 || value > highest) {
    throw badParameter(`${name} must be a whole number from 1 to ${highest}: ${text}`);
  }
  return value;
}

/** Milliseconds since 1970; `undefined` when the parameter is absent. */
function readTime(
  parameters: URLSearchParams,
  name: string,
  parse: (text: string) => DateTime,
): number | undefined {
  const text = parameters.get(name);
  if (text === null) return undefined;
  const time = parse(text);
  if (!time.isValid) throw badParameter(`${name} is not a valid time: ${text}`);
  return time.toMillis();
}

function parseUtcTime(text: string): DateTime {
  return /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d)?Z$/.test(text)
    ? DateTime.fromISO(text)
    : DateTime.invalid("other format");
}

function checkRange(from: number, to: number): void {
  if (from > to) throw badParameter("from must be before to");
}

function wholeMinute(time: number): number {
  return Math.floor(time / unitLength.minute) * unitLength.minute;
}
