import type { Connection } from "../api/client.js";
import { cutSearch } from "../api/cut-search.js";
import type { Search } from "../api/search.js";
import { countEach, searchEvents } from "../api/search-events.js";
import { type SearchFilter, searchFilters } from "../api/search-filters.js";
import { filterSettings, mainSettings, type SettingName } from "../config/setting-names.js";
import type { SettingSources } from "../config/settings.js";
import { SparkyEventsError } from "../errors.js";
import { nearest } from "../nearest.js";
import { formatCount } from "./format.js";
import { withLittlePatience } from "./probe.js";
import { cut, onOneLine } from "./table.js";

/** A list that narrows a search down. */
interface Narrowing {
  /** As it was given: `--campaigns spring` */
  readonly shown: string;
  readonly values: readonly string[];
  readonly match: SearchFilter["match"];
  /** Event property that the values are compared with. */
  readonly property: string;
  /** The search that this list alone makes. */
  readonly alone: Search;
}

/**
 * Says, in whole sentences, why a search with filters found nothing. It looks at one small page of the
 * same range without filters, and where there are several filters, counts what each finds alone.
 *
 * @returns nothing where there are no filters, or SparkPost does not answer at once
 */
export async function whyEmpty(
  connection: Connection,
  search: Search,
  sources: SettingSources,
): Promise<string[]> {
  const narrowings = narrowingsOf(search, sources);
  if (narrowings.length === 0) {
    return [];
  }
  try {
    return await findReason(withLittlePatience(connection), search, narrowings);
  } catch (error) {
    // What the person asked for is done; this is a favour.
    if (error instanceof SparkyEventsError || connection.signal?.aborted) {
      return [];
    }
    throw error;
  }
}

const pageSize = 1_000;

async function findReason(
  connection: Connection,
  search: Search,
  narrowings: readonly Narrowing[],
): Promise<string[]> {
  const range = { ...search, events: [], filters: {}, perPage: pageSize };
  const { events, totalCount = 0 } = await firstPage(connection, range);
  if (totalCount === 0) {
    return ["There are no events at all in this range, with filters or without."];
  }
  const counts = await countAlone(connection, narrowings);
  const without = narrowings.filter((_, index) => counts[index] === 0);
  if (without.length > 0) {
    const alone = narrowings.length > 1 ? " alone" : "";
    return without.map((narrowing) => {
      const hint = hintFor(narrowing, events);
      return `${narrowing.shown}${alone} matches none of the ${formatCount(totalCount)} events of this range.${hint}`;
    });
  }
  const each = narrowings.map(({ shown }, index) => {
    const count = counts[index];
    return count === undefined ? shown : `${shown} (${formatCount(count)})`;
  });
  return [
    `No event matches all of these together, though some match each alone: ${each.join(", ")}.`,
  ];
}

async function firstPage(connection: Connection, search: Search) {
  for await (const page of searchEvents(connection, search)) {
    return page;
  }
  return { events: [], totalCount: 0 };
}

/** How many events each list finds alone; not counted where that would take many requests. */
async function countAlone(
  connection: Connection,
  narrowings: readonly Narrowing[],
): Promise<(number | undefined)[]> {
  if (narrowings.length === 1) {
    return [0];
  }
  const short = narrowings.filter(({ alone }) => cutSearch(alone, connection.host).length === 1);
  const counts = await countEach(
    connection,
    short.map(({ alone }) => alone),
  );
  return narrowings.map((narrowing) => counts[short.indexOf(narrowing)]);
}

function narrowingsOf(search: Search, sources: SettingSources): Narrowing[] {
  const { events = [], filters = {} } = search;
  const lists = searchFilters.flatMap(({ name, match, property }) => {
    const values = filters[name] ?? [];
    const setting = filterSettings.find(({ filter }) => filter === name);
    // SparkPost takes versions of a test only with the test.
    const needed = name === "ab_test_versions" ? { ab_tests: filters.ab_tests ?? [] } : {};
    const alone = { ...search, events: [], filters: { ...needed, [name]: values } };
    return setting ? [{ setting, values, match, property, alone }] : [];
  });
  const types = {
    setting: mainSettings.events,
    values: events,
    match: "exact" as const,
    property: "type",
    alone: { ...search, filters: {} },
  };
  return [types, ...lists]
    .filter(({ values }) => values.length > 0)
    .map(({ setting, ...list }) => ({ ...list, shown: describe(setting, list.values, sources) }));
}

const widest = 60;

function describe(
  { key, option = "" }: SettingName,
  values: readonly string[],
  { options }: SettingSources,
): string {
  const text = cut(onOneLine(values.join(",")), widest);
  return options[option] === undefined ? `${key} = ${text}` : `--${option} ${text}`;
}

function hintFor(
  narrowing: Narrowing,
  events: readonly Readonly<Record<string, unknown>>[],
): string {
  const { values, match, property } = narrowing;
  if (values.some((value) => value.includes("*"))) {
    return " A * stands for itself only.";
  }
  const existing = mostFrequent(events.map((event) => event[property]));
  const meant = values.flatMap((value) => nearestValue(value, existing, match) ?? []);
  if (meant.length > 0) {
    return ` Did you mean ${meant.map((value) => cut(onOneLine(value), widest)).join(", ")}?`;
  }
  if (!listed.includes(property) || existing.length === 0) {
    return "";
  }
  const shown = existing.slice(0, mostListed).map((value) => cut(onOneLine(value), widest));
  return ` The newest ${formatCount(events.length)} have: ${shown.join(", ")}${existing.length > mostListed ? ", …" : ""}.`;
}

const mostListed = 5;

/** Properties of few values, which are nobody's address. */
const listed = [
  "type",
  ...["campaign_id", "template_id", "ip_pool", "sending_ip", "subaccount_id", "bounce_class"],
  ...["sending_domain", "recipient_domain", "mailbox_provider", "mailbox_provider_region"],
  ...["ab_test_id", "ab_test_version"],
];

/** Different values as text, the most frequent first. */
function mostFrequent(values: readonly unknown[]): string[] {
  const counts = new Map<string, number>();
  for (const value of values) {
    if (typeof value === "string" || typeof value === "number") {
      counts.set(String(value), (counts.get(String(value)) ?? 0) + 1);
    }
  }
  return [...counts].sort(([, a], [, b]) => b - a).map(([value]) => value);
}

const separators = { keyword: /[\s_-]+/, domain: /[\s_.-]+/ };

/** An existing value, or words of one, that a value which matches nothing may have meant. */
function nearestValue(
  value: string,
  existing: readonly string[],
  match: Narrowing["match"],
): string | undefined {
  // Of numbers, each is as near as any other.
  if (/^\d+$/.test(value)) {
    return undefined;
  }
  const whole = nearest(value, existing);
  if (whole !== undefined || match === "exact") {
    return whole;
  }
  for (const other of existing) {
    const words = other.split(separators[match]).filter(Boolean);
    const meant = value
      .split(separators[match])
      .filter(Boolean)
      .map((word) => nearest(word, words) ?? words.find((longer) => isPartOf(word, longer)));
    if (meant.length > 0 && meant.every((word) => word !== undefined)) {
      return meant.join(match === "domain" ? "." : " ");
    }
  }
  return undefined;
}

const shortestPart = 3;

/** Only whole words are found, which not everybody expects. */
function isPartOf(part: string, word: string): boolean {
  return part.length >= shortestPart && word.toLowerCase().includes(part.toLowerCase());
}
