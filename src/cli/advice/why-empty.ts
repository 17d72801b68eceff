import type { Connection } from "../../api/client.js";
import { cutSearch } from "../../api/cut-search.js";
import type { Search } from "../../api/search.js";
import { countEach, searchEvents } from "../../api/search-events.js";
import { type SearchFilter, searchFilters } from "../../api/search-filters.js";
import type { SettingSources } from "../../config/given.js";
import { filterSettings, mainSettings, type SettingName } from "../../config/setting-names.js";
import { formatCount } from "../../count.js";
import { SparkyEventsError } from "../../errors.js";
import { nearest } from "../../nearest.js";
import { withLittlePatience } from "../settings/probe.js";
import { cut, onOneLine } from "../terminal/table.js";

/** A list that narrows a search down. */
interface Narrowing {
  /** As it was given: `--campaigns spring` */
  readonly shown: string;
  readonly values: readonly string[];
  readonly match: SearchFilter["match"];
  /** Event property that the values are compared with. */
  readonly property: string;
  /** A search by this list alone, with other values. */
  readonly withValues: (values: readonly string[]) => Search;
}

/**
 * Says, in whole sentences, why a search with filters found nothing. It looks at one small page of the
 * same range without filters, counts what each finds alone where there are several, and may look at a
 * page of what has some of the words.
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

type Page = readonly Readonly<Record<string, unknown>>[];

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
    const hints = await Promise.all(
      without.map((narrowing) => hintFor(narrowing, events, connection)),
    );
    return without.map((narrowing, index) => {
      const hint = hints[index] ?? "";
      return `${narrowing.shown}${alone} matches ${totalCount === 1 ? "not the one event" : `none of the ${formatCount(totalCount)} events`} of this range.${hint}`;
    });
  }
  const each = narrowings.map(({ shown }, index) => {
    const count = counts[index];
    return `${shown} (${count === undefined ? "not counted" : formatCount(count)})`;
  });
  return [`No event matches all of these filters together; alone: ${each.join(", ")}.`];
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
  const searches = narrowings.map(({ values, withValues }) => withValues(values));
  const short = searches.filter((search) => cutSearch(search, connection.host).length === 1);
  const counts = await countEach(connection, short);
  return searches.map((search) => counts[short.indexOf(search)]);
}

function narrowingsOf(search: Search, sources: SettingSources): Narrowing[] {
  const { events = [], filters = {} } = search;
  const lists = searchFilters.flatMap(({ name, match, property }) => {
    const values = filters[name] ?? [];
    const setting = filterSettings.find(({ filter }) => filter === name);
    // SparkPost takes versions of a test only with the test.
    const needed = name === "ab_test_versions" ? { ab_tests: filters.ab_tests ?? [] } : {};
    const withValues = (other: readonly string[]) => ({
      ...search,
      events: [],
      filters: { ...needed, [name]: other },
    });
    return setting ? [{ setting, values, match, property, withValues }] : [];
  });
  const types = {
    setting: mainSettings.events,
    values: events,
    match: "exact" as const,
    property: "type",
    withValues: (other: readonly string[]) => ({ ...search, events: other, filters: {} }),
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

async function hintFor(
  narrowing: Narrowing,
  events: Page,
  connection: Connection,
): Promise<string> {
  const { values, property } = narrowing;
  if (values.some((value) => value.includes("*"))) {
    return " A * stands for itself only.";
  }
  const existing = existingValues(narrowing, events);
  let meant = nearestValues(narrowing, existing);
  if (meant.length === 0) {
    const similar = await withSomeWord(narrowing, connection);
    meant = nearestValues(narrowing, existingValues(narrowing, similar));
  }
  if (meant.length > 0) {
    return ` Did you mean ${meant.map((value) => cut(onOneLine(value), widest)).join(", ")}?`;
  }
  if (isAddress.has(property) && values.some((value) => !value.includes("@"))) {
    return " An address has an @ in it; other filters search for domains.";
  }
  if (!listed.includes(property) || existing.length === 0) {
    return "";
  }
  const shown = existing.slice(0, mostListed).map((value) => cut(onOneLine(value), widest));
  return ` The newest ${events.length === 1 ? "has" : `${formatCount(events.length)} have`}: ${shown.join(", ")}${existing.length > mostListed ? ", …" : ""}.`;
}

/** The newest events need not have what was meant; those that match one of its words may. */
async function withSomeWord(
  { values, match, withValues }: Narrowing,
  connection: Connection,
): Promise<Page> {
  if (match === "exact") {
    return [];
  }
  const words = values.flatMap((value) => {
    const ofValue = wordsOf(value, match);
    return ofValue.length > 1 ? [...ofValue, ofValue.join("")] : [];
  });
  const search = withValues([...new Set(words)]);
  if (words.length === 0 || cutSearch(search, connection.host).length > 1) {
    return [];
  }
  const { events } = await firstPage(connection, { ...search, perPage: pageSize });
  return events;
}

const isAddress = new Set(["rcpt_to", "friendly_from"]);

const mostListed = 5;

/** Properties of few values, which are nobody's address. */
const listed = [
  "type",
  ...["campaign_id", "template_id", "ip_pool", "sending_ip", "subaccount_id", "bounce_class"],
  ...["sending_domain", "recipient_domain", "mailbox_provider", "mailbox_provider_region"],
  ...["ab_test_id", "ab_test_version"],
];

/** Different values that events have, as text, the most frequent first. */
function existingValues({ property }: Narrowing, events: Page): string[] {
  const counts = new Map<string, number>();
  for (const { [property]: value } of events) {
    if ((typeof value === "string" && value !== "") || typeof value === "number") {
      counts.set(String(value), (counts.get(String(value)) ?? 0) + 1);
    }
  }
  return [...counts].sort(([, a], [, b]) => b - a).map(([value]) => value);
}

const separators = { keyword: /[\s_-]+/, domain: /[\s_.-]+/ };

function wordsOf(text: string, match: keyof typeof separators): string[] {
  return text.split(separators[match]).filter(Boolean);
}

function nearestValues({ values, match }: Narrowing, existing: readonly string[]): string[] {
  return values.flatMap((value) => {
    const meant = nearestValue(value, existing, match);
    // What is there in the same words came in after the search.
    return meant === undefined || meant === value ? [] : [meant];
  });
}

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
  const typed = wordsOf(value, match);
  for (const other of existing) {
    const words = wordsOf(other, match);
    const meant = typed.map(
      (word) => nearest(word, words) ?? words.find((longer) => isPartOf(word, longer)),
    );
    if (meant.length > 0 && meant.every((word) => word !== undefined)) {
      return [...new Set(meant)].join(match === "domain" ? "." : " ");
    }
  }
  return undefined;
}

const shortestPart = 3;

/** Only whole words are found, which not everybody expects. */
function isPartOf(part: string, word: string): boolean {
  return part.length >= shortestPart && word.toLowerCase().includes(part.toLowerCase());
}
