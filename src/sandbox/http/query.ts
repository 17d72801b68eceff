import { DateTime, IANAZone } from "luxon";
import { type SearchFilter, searchFilters } from "../../api/search-filters.js";
import { unitLength } from "../../time/units.js";
import { badParameter } from "./answer.js";

const mostPerPage = 10_000;

/** An event matches when one of `values` does. */
export interface QueryFilter {
  readonly filter: SearchFilter;
  readonly values: readonly string[];
}

/** What a request asks for, apart from the page of it. */
export interface SearchQuery {
  /** Start of the time range, inclusive, in milliseconds since 1970. */
  readonly from: number;
  /** End of the time range, exclusive. */
  readonly to: number;
  /** Event types; `undefined` for all. */
  readonly types: readonly string[] | undefined;
  /** All of them have to match. */
  readonly filters: readonly QueryFilter[];
}

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
 * @param now milliseconds since 1970
 * @throws ApiError 400
 */
export function parseEventsQuery(parameters: URLSearchParams, now: number): EventsQuery {
  checkNames(parameters, ["cursor", ...commonParameters, ...eventsFilters.keys()]);
  const from = readTime(parameters, "from", parseUtcTime) ?? now - unitLength.day;
  const to = readTime(parameters, "to", parseUtcTime) ?? now - unitLength.minute;
  checkRange(from, to);
  const cursor = parameters.get("cursor") ?? "initial";
  return {
    from,
    to,
    ...readFilters(parameters, eventsFilters),
    perPage: readInteger(parameters, "per_page", 1000, mostPerPage),
    cursor: cursor === "initial" ? undefined : cursor,
  };
}

/**
 * Reads the parameters of the legacy Message Events API.
 *
 * @param now milliseconds since 1970
 * @throws ApiError 400
 */
export function parseLegacyQuery(parameters: URLSearchParams, now: number): LegacyQuery {
  checkNames(parameters, ["timezone", "page", ...commonParameters, ...legacyFilters.keys()]);
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
    perPage: readInteger(parameters, "per_page", 1000, mostPerPage),
    page: readInteger(parameters, "page", 1, Number.MAX_SAFE_INTEGER),
    timezone,
  };
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
