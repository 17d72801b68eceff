import { types } from "node:util";
import { FixedOffsetZone, type Zone } from "luxon";
import { bounceClassCodes } from "../catalog/bounce-class-codes.js";
import { UsageError } from "../errors.js";
import { isAmbiguousLocal, toLocalMinute, toUtcSeconds } from "../time/iso.js";
import { floorToUnit } from "../time/units.js";
import { type SearchFilter, type SearchFilterName, searchFilters } from "./search-filters.js";

/** `events`: the Events API; `message-events`: the legacy Message Events API. */
export type ApiName = "events" | "message-events";

export type SearchFilterValues = Readonly<Partial<Record<SearchFilterName, readonly string[]>>>;

export interface Search {
  /** Default: `events`. */
  readonly api?: ApiName | undefined;
  /** Inclusive. A number is epoch milliseconds. */
  readonly from: Date | number;
  /**
   * Exclusive. A number is epoch milliseconds.
   *
   * Both ends are rounded down to whole seconds (legacy: minutes), finer than which neither API is, so
   * that a range which begins where another one ends neither repeats nor misses an event.
   */
  readonly to: Date | number;
  /** Event types. Default, and where the list is empty: all. */
  readonly events?: readonly string[] | undefined;
  /**
   * Lists of values to search for, none of them empty; bounce classes are codes, names, or categories
   * such as `hard`. Default: no filter.
   */
  readonly filters?: SearchFilterValues | undefined;
  /**
   * Values of one's own metadata to search for, by their path: `rcpt_meta.order_id`. Only a server of
   * this tool knows of that. Default: none.
   */
  readonly metadata?: Readonly<Record<string, readonly string[]>> | undefined;
  /** Events per page, 1 to 10,000. Default: 10,000. */
  readonly perPage?: number | undefined;
  /** Zone that times are written in, and that the legacy API is asked in. Default: UTC. */
  readonly zone?: Zone | undefined;
}

export const mostPerPage = 10_000;

export type CompleteSearch = {
  readonly [Name in keyof Search]-?: Exclude<Search[Name], Date | undefined>;
};

const paths: Record<ApiName, string> = {
  events: "/api/v1/events/message",
  "message-events": "/api/v1/message-events",
};

/** The smallest step of time that an API's `from` and `to` know. */
export function granularityOf(api: ApiName): "second" | "minute" {
  return api === "events" ? "second" : "minute";
}

/**
 * Path and query of the first page; later pages follow the links in the answers.
 *
 * Source: SparkPost API documentation of both APIs. `to` is exclusive in the Events API; in the
 * legacy API both ends are local times, inclusive to the minute.
 *
 * @throws UsageError where the legacy API lacks a filter, or the API cannot tell `from` or `to` apart
 */
export function firstPagePath(incomplete: Search): string {
  const search = completeSearch(incomplete);
  const parameters =
    search.api === "events" ? eventsParameters(search) : messageEventsParameters(search);
  const query = parameters
    .filter(([, value]) => value !== "")
    .map(([name, value]) => `${encodeValue(name)}=${encodeValue(value)}`)
    .join("&");
  return `${paths[search.api]}?${query}`;
}

/** Commas may stand as they are in a query; escaped they would eat up the 4,096 characters. */
export function encodeValue(value: string): string {
  return encodeURIComponent(value).replaceAll("%2C", ",");
}

/** The characters that URIs may show as they are come first: each stands there many times. */
const delimiters = ",~!*'()|;^$/:@?&=+#%<>[]{}\\`\"";

/**
 * The character that separates the values of all lists: a comma, or the first of some others that is
 * in none of the values.
 *
 * Source: SparkPost API documentation, `delimiter`.
 *
 * @throws UsageError where each of them is in some value
 */
export function delimiterOf({
  events,
  filters,
  metadata,
}: Pick<CompleteSearch, "events" | "filters" | "metadata">): string {
  const lists = [events, ...Object.values(filters), ...Object.values(metadata)];
  const used = new Set(lists.flat().join(""));
  const delimiter = [...delimiters].find((character) => !used.has(character));
  if (delimiter === undefined) {
    throw new UsageError("The values of the filters leave no character to separate them with.", {
      hint: `Leave out the values with one of these, or export them on their own: ${delimiters}`,
    });
  }
  return delimiter;
}

/** @throws UsageError naming what cannot be searched for */
export function completeSearch(search: Search): CompleteSearch {
  if (!isObject(search)) {
    throw new UsageError("search must be an object with from and to.");
  }
  const api = search.api ?? "events";
  if (!Object.hasOwn(paths, api)) {
    const names = Object.keys(paths).map((name) => JSON.stringify(name));
    throw new UsageError(`api cannot be ${JSON.stringify(api)}: it is one of ${names.join(", ")}.`);
  }
  const granularity = granularityOf(api);
  const from = floorToUnit(readTime("from", search.from), granularity);
  const to = floorToUnit(readTime("to", search.to), granularity);
  if (to <= from) {
    throw new UsageError(`to must be after from, by a ${granularity} at least.`);
  }
  const { events = [], filters = {}, metadata = {}, zone = FixedOffsetZone.utcInstance } = search;
  requireTexts("events", events);
  requireFilters(filters);
  for (const [path, values] of Object.entries(metadata)) {
    requireTexts(path, values);
  }
  // A program may have its own copy of the library that zones come from.
  if (!isObject(zone) || typeof zone.offset !== "function" || !zone.isValid) {
    throw new UsageError("zone must be a time zone.", {
      hint: 'For example: resolveZone("Europe/Berlin").',
    });
  }
  const perPage = wholeNumber("perPage", search.perPage ?? mostPerPage, mostPerPage);
  return { api, from, to, events, filters: withCodes(filters), metadata, perPage, zone };
}

/** The years that ISO 8601 writes with four digits. */
const [firstTime, lastTime] = [Date.parse("0000-01-01"), Date.parse("9999-12-31")];

/** @throws UsageError where it is no time */
function readTime(name: string, value: unknown): number {
  if (typeof value !== "number" && !types.isDate(value)) {
    throw new UsageError(`${name} must be a Date, or milliseconds since 1970.`);
  }
  const time = Number(value);
  if (!(time >= firstTime && time <= lastTime)) {
    throw new UsageError(`${name} is an invalid date.`);
  }
  return time;
}

/** @throws UsageError where it is not a list of texts with something in them */
function requireTexts(name: string, list: unknown): asserts list is readonly string[] {
  if (!Array.isArray(list) || !list.every((value) => typeof value === "string")) {
    throw new UsageError(`${name} must be a list of texts.`);
  }
  if (list.includes("")) {
    throw new UsageError(`${name} holds an empty text.`);
  }
}

function requireFilters(filters: unknown): asserts filters is SearchFilterValues {
  if (!isObject(filters)) {
    throw new UsageError("filters must be an object with a list for each filter.");
  }
  for (const [name, list] of Object.entries(filters)) {
    if (!searchFilters.some((filter) => filter.name === name)) {
      throw new UsageError(`There is no filter ${name}.`);
    }
    if (list !== undefined) {
      requireTexts(name, list);
      if (list.length === 0) {
        // Nothing could match, and SparkPost would take it for no filter at all.
        throw new UsageError(`${name} is an empty list.`, {
          hint: `Leave out ${name} to search for everything.`,
        });
      }
    }
  }
}

function isObject(value: unknown): value is object {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** @throws UsageError where a bounce class is neither a code nor any other word for one */
function withCodes(filters: SearchFilterValues): SearchFilterValues {
  const { bounce_classes: classes } = filters;
  return classes
    ? { ...filters, bounce_classes: [...new Set(classes.flatMap(bounceClassCodes))] }
    : filters;
}

/** @throws UsageError where the value is not a whole number from 1 to `most` */
export function wholeNumber(name: string, value: number, most: number): number {
  if (!Number.isInteger(value) || value < 1 || value > most) {
    throw new UsageError(`${name} must be a whole number from 1 to ${most}.`);
  }
  return value;
}

type Parameters = [name: string, value: string][];

function eventsParameters(search: CompleteSearch): Parameters {
  return [
    ["cursor", "initial"],
    ["from", toUtcSeconds(search.from)],
    ["to", toUtcSeconds(search.to)],
    ["per_page", String(search.perPage)],
    ...eventTypeParameters(search),
    ...filterParameters(search, ({ name }) => name),
    ...metadataParameters(search),
  ];
}

const minute = 60_000;

/** The zone that times are sent in, both ways. */
export function sentZoneOf({ api, from, to, zone }: CompleteSearch): Zone {
  // A local time that occurs twice would leave it to the server which one is meant.
  const isLocal =
    api === "message-events" &&
    !isAmbiguousLocal(from, zone) &&
    !isAmbiguousLocal(to - minute, zone);
  return isLocal ? zone : FixedOffsetZone.utcInstance;
}

function messageEventsParameters(search: CompleteSearch): Parameters {
  const zone = sentZoneOf(search);
  return [
    ["page", "1"],
    ["from", toLocalMinute(search.from, zone)],
    ["to", toLocalMinute(search.to - minute, zone)],
    ["timezone", zone.name],
    ["per_page", String(search.perPage)],
    ...eventTypeParameters(search),
    ...filterParameters(search, ({ name, legacyName }) => {
      if (legacyName === undefined) {
        const option = name.replaceAll("_", "-");
        throw new UsageError(`The legacy API (--api message-events) has no filter ${name}.`, {
          hint: `Leave out --${option}, or leave out --api message-events.`,
        });
      }
      return legacyName;
    }),
    ...metadataParameters(search),
  ];
}

function eventTypeParameters(search: CompleteSearch): Parameters {
  const delimiter = delimiterOf(search);
  return [
    ["delimiter", delimiter === "," ? "" : delimiter],
    ["events", search.events.join(delimiter)],
  ];
}

function filterParameters(
  search: CompleteSearch,
  nameOf: (filter: SearchFilter) => string,
): Parameters {
  const delimiter = delimiterOf(search);
  return searchFilters
    .filter(({ name }) => search.filters[name]?.length)
    .map((filter) => [nameOf(filter), (search.filters[filter.name] ?? []).join(delimiter)]);
}

function metadataParameters(search: CompleteSearch): Parameters {
  const delimiter = delimiterOf(search);
  return Object.entries(search.metadata).map(([path, values]) => [path, values.join(delimiter)]);
}
