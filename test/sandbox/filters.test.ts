import { expect, test } from "vitest";
import { type SearchFilter, searchFilters } from "../../src/api/search-filters.js";
import { keywords, passes } from "./filter-model.js";
import {
  EVENTS_PATH,
  type Event,
  LEGACY_PATH,
  type LegacyPage,
  makeSource,
  type Page,
  parsedEvents,
  useSandbox,
  wholeLegacyRange,
  wholeRange,
} from "./sandbox-client.js";

const source = makeSource(5000);
const events = parsedEvents(source);
const ids = (list: Event[]): unknown[] =>
  list.map(({ event_id, timestamp }) => event_id ?? timestamp);
const sandbox = useSandbox(source);

const filters: readonly SearchFilter[] = searchFilters;

/** Different values that the property has, most frequent first. */
function valuesOf(property: string): string[] {
  const counts = new Map<string, number>();
  for (const event of events) {
    const value = event[property];
    if (value !== undefined && value !== null && value !== "") {
      counts.set(String(value), (counts.get(String(value)) ?? 0) + 1);
    }
  }
  return [...counts.entries()].sort((a, b) => b[1] - a[1]).map(([value]) => value);
}

/** A whole value, one keyword in capitals, two values at once, and parts that match nothing. */
function searchesFor(filter: SearchFilter): Search[] {
  const values = valuesOf(filter.property);
  const common = values[0]!;
  const words = keywords(values.at(-1)!, filter.match);
  return [
    [common],
    [words.at(-1)!.toUpperCase()],
    [values[1]!, values.at(-1)!],
    [`${common}x`],
    [common.slice(1) || "0"],
  ].map((wanted) => [{ filter, values: wanted }, ...companion(filter)]);
}

/** `ab_test_versions` is refused without tests to which the versions belong. */
function companion(filter: SearchFilter): Search {
  if (filter.name !== "ab_test_versions") return [];
  const tests = filters.find(({ name }) => name === "ab_tests")!;
  return [{ filter: tests, values: valuesOf("ab_test_id") }];
}

type Search = { filter: SearchFilter; values: string[] }[];

/** The model's answer, and the query parameters that ask for it. */
function prepare(search: Search, nameOf: (filter: SearchFilter) => string) {
  return {
    expected: events.filter((event) =>
      search.every(({ filter, values }) => passes(event, filter, values)),
    ),
    parameters: {
      per_page: "10000",
      delimiter: "|",
      ...Object.fromEntries(search.map(({ filter, values }) => [nameOf(filter), values.join("|")])),
    },
  };
}

test.each(filters)("$name finds what the model finds", async (filter) => {
  const counts: number[] = [];
  for (const search of searchesFor(filter)) {
    const { expected, parameters } = prepare(search, ({ name }) => name);
    const answer = await sandbox.page<Page>(EVENTS_PATH, { ...wholeRange, ...parameters });
    expect(ids(answer.results)).toEqual(ids(expected));
    expect(answer.total_count).toBe(expected.length);
    counts.push(expected.length);
  }
  expect(counts[0]).toBeGreaterThan(0);
  expect(counts[2]).toBeGreaterThan(0);
  expect(Math.min(...counts)).toBeLessThan(events.length);
});

test.each(filters.filter(({ legacyName }) => legacyName))(
  "$legacyName of the legacy API finds what the model finds",
  async (filter) => {
    for (const search of searchesFor(filter)) {
      const { expected, parameters } = prepare(search, ({ legacyName }) => legacyName!);
      const answer = await sandbox.page<LegacyPage>(LEGACY_PATH, {
        ...wholeLegacyRange,
        ...parameters,
      });
      expect(answer.total_count).toBe(expected.length);
      expect(answer.results.map(({ event_id }) => event_id)).toEqual(
        expected.map(({ event_id }) => event_id),
      );
    }
  },
);

test.each(filters.filter(({ legacyName }) => !legacyName))(
  "$name is refused by the legacy API",
  async ({ name }) => {
    const response = await sandbox.get(`${LEGACY_PATH}?${name}=x`);
    expect(response.status).toBe(400);
    expect(await response.text()).toContain(`Unknown parameter: ${name}`);
  },
);

test("filters and event types all have to match", async () => {
  const answer = await sandbox.page<Page>(EVENTS_PATH, {
    ...wholeRange,
    per_page: "10000",
    events: "open,initial_open",
    campaigns: "newsletter,members",
    recipient_domains: "example.com",
  });
  const expected = events.filter(
    ({ type, campaign_id, recipient_domain }) =>
      ["open", "initial_open"].includes(String(type)) &&
      ["newsletter_weekly", "blackfriday-members"].includes(String(campaign_id)) &&
      ["example.com", "mail.example.com"].includes(String(recipient_domain)),
  );
  expect(expected.length).toBeGreaterThan(10);
  expect(ids(answer.results)).toEqual(ids(expected));
});

test.each([
  ["blackfriday", ["blackfriday-members"]],
  ["members blackfriday", ["blackfriday-members"]],
  ["friday", []],
  ["Blackfriday_Members", ["blackfriday-members"]],
  ["blackfriday-members-2", []],
  ["v4.2", ["product-update v4.2"]],
  ["v4", []],
  ["-", []],
])("campaigns=%s finds %j", async (campaigns, found) => {
  const { results } = await sandbox.page<Page>(EVENTS_PATH, { ...wholeRange, campaigns });
  expect([...new Set(results.map(({ campaign_id }) => campaign_id))]).toEqual(found);
});

test("addresses match in any letter case", async () => {
  const parameters = { ...wholeRange, from_addresses: "eVENTS@EXAMPLE.ORG" };
  const { results } = await sandbox.page<Page>(EVENTS_PATH, parameters);
  expect(results[0]?.friendly_from).toBe("Events@example.org");
});

test("an event type that does not exist matches nothing", async () => {
  const answer = await sandbox.page<Page>(EVENTS_PATH, { ...wholeRange, events: "telepathy" });
  expect(answer).toEqual({ results: [], total_count: 0, links: {} });
});

test("filtered pages join up", async () => {
  const pages = await sandbox.pages({ ...wholeRange, per_page: "37", recipient_domains: "org" });
  const expected = events.filter(({ recipient_domain }) =>
    /\borg\b/.test(String(recipient_domain)),
  );
  expect(pages.length).toBeGreaterThan(5);
  expect(ids(pages.flatMap(({ results }) => results))).toEqual(ids(expected));
  expect(new Set(pages.map((page) => page.total_count))).toEqual(new Set([expected.length]));
});
