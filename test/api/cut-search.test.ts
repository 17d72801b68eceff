import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { cutSearch } from "../../src/api/cut-search.js";
import { firstPagePath, type Search, type SearchFilterValues } from "../../src/api/search.js";
import { searchFilters } from "../../src/api/search-filters.js";
import { UsageError } from "../../src/errors.js";

const host = "https://api.sparkpost.com";
const range = { from: Date.UTC(2026, 10, 19), to: Date.UTC(2026, 10, 20) };

const exact = searchFilters.filter(({ match }) => match === "exact").map(({ name }) => name);
const byKeyword = searchFilters.filter(({ match }) => match !== "exact").map(({ name }) => name);

function cut(filters: SearchFilterValues, more: Partial<Search> = {}) {
  return cutSearch({ ...range, ...more, filters }, host);
}

function addresses(count: number): string[] {
  return Array.from({ length: count }, (_, index) => `recipient-${index}@example.com`);
}

function longestUri(parts: readonly Search[]): number {
  return Math.max(...parts.map((part) => host.length + firstPagePath(part).length));
}

describe("a search", () => {
  test("that is short enough stays as it is", () => {
    const filters = { recipients: addresses(50), subjects: ["spring"] };
    expect(cut(filters).map((part) => part.filters)).toEqual([filters]);
  });

  test.each(exact)("with too many %s is cut", (name) => {
    const values = Array.from({ length: 2_000 }, (_, index) => `${index}`);
    const more = name === "ab_test_versions" ? { ab_tests: ["a"] } : {};
    const parts = cut({ [name]: values, ...more });
    expect(parts.flatMap((part) => part.filters[name])).toEqual(values);
    expect(parts.every(({ filters }) => !more.ab_tests || filters.ab_tests?.[0] === "a")).toBe(
      true,
    );
    expect(parts.length).toBeLessThan(5);
    expect(longestUri(parts)).toBeLessThanOrEqual(4_096);
  });

  test("with too many event types is cut", () => {
    const events = Array.from({ length: 1_000 }, (_, index) => `type_${index}`);
    const parts = cut({}, { events });
    expect(parts.flatMap((part) => part.events)).toEqual(events);
    expect(longestUri(parts)).toBeLessThanOrEqual(4_096);
  });

  test.each(byKeyword)("with too many %s is refused: an event may match more than one", (name) => {
    const values = Array.from({ length: 800 }, (_, index) => `word${index}`);
    for (const filters of [{ [name]: values }, { [name]: values, recipients: addresses(500) }]) {
      expect(() => cut(filters)).toThrow(UsageError);
      expect(() => cut(filters)).toThrow(
        `The values of --${name.replaceAll("_", "-")} are too long for one request: they take 6,289 characters of 4,096 for everything.`,
      );
    }
  });

  test("with a keyword list that fits is cut at the other list", () => {
    const subjects = Array.from({ length: 250 }, (_, index) => `word${index}`);
    const parts = cut({ subjects, recipients: addresses(500) });
    expect(new Set(parts.map(({ filters }) => filters.subjects))).toEqual(new Set([subjects]));
    expect(parts.flatMap(({ filters }) => filters.recipients)).toEqual(addresses(500));
    expect(longestUri(parts)).toBeLessThanOrEqual(4_096);
  });

  test("that cannot be cut may be as long as a URI can be, and no longer", () => {
    const uri = (length: number) => ({ subjects: ["a".repeat(length)] });
    const most = 4_096 - longestUri([{ ...range, filters: uri(1) }]) + 1;
    expect(longestUri(cut(uri(most)))).toBe(4_096);
    expect(() => cut(uri(most + 1))).toThrow("The values of --subjects are too long");
    expect(() => cut({ messages: ["a".repeat(4_000)] })).toThrow("A value of a filter is too long");
  });

  test("with two long lists is cut at both where that makes for fewer requests", () => {
    const filters = { recipients: addresses(1_000), messages: addresses(100) };
    const parts = cut(filters);
    const pairs = parts.flatMap((part) =>
      (part.filters.recipients ?? []).flatMap((recipient) =>
        (part.filters.messages ?? []).map((message) => `${recipient} ${message}`),
      ),
    );
    expect(new Set(pairs).size).toBe(pairs.length);
    expect(pairs.length).toBe(1_000 * 100);
    expect(parts.length).toBeLessThan(50);
    expect(longestUri(parts)).toBeLessThanOrEqual(4_096);
  });

  test.each([
    [["A@example.com", "a@EXAMPLE.com"]],
    [["010", "10"]],
    [["e\u0301@example.com", "\u00e9@example.com"]],
  ])("keeps %j in one part: the API may hold them to be the same", (alike) => {
    const parts = cut({ recipients: [alike[0] ?? "", ...addresses(1_000), alike[1] ?? ""] });
    const holding = parts.filter(({ filters }) =>
      alike.some((value) => filters.recipients?.includes(value)),
    );
    expect(parts.length).toBeGreaterThan(1);
    expect(holding.length).toBe(1);
  });

  test("of the legacy API is cut too", () => {
    const parts = cut({ recipients: addresses(500) }, { api: "message-events" });
    expect(parts.flatMap(({ filters }) => filters.recipients)).toEqual(addresses(500));
    expect(longestUri(parts)).toBeLessThanOrEqual(4_096);
  });
});

test("whatever the lists: each combination of values is in exactly one part, and each part fits", () => {
  const value = fc.tuple(fc.nat(5_000), fc.constantFrom("", ", ", "~", "é", "x".repeat(70)));
  const values = (maxLength: number) =>
    fc
      .array(value, { maxLength, size: "max" })
      .map((list) => [...new Set(list.map(([number, text]) => `${number}${text}`))]);
  const filters = fc
    .record({ recipients: values(200), messages: values(40), event_ids: values(2) })
    .map((all) => Object.fromEntries(Object.entries(all).filter(([, list]) => list.length > 0)));
  const types = fc.subarray(["bounce", "click"]);
  fc.assert(
    fc.property(filters, types, (filters, events) => {
      const search = { ...range, filters, events };
      const parts = cutSearch(search, host);
      expect(longestUri(parts)).toBeLessThanOrEqual(4_096);
      const found = parts.flatMap(combinationsOf);
      expect(new Set(found).size).toBe(found.length);
      expect(found.toSorted()).toEqual(combinationsOf(search).toSorted());
    }),
    { numRuns: 20, endOnFailure: true },
  );
});

function combinationsOf({ events = [], filters = {} }: Search): string[] {
  const lists = [events, filters.recipients, filters.messages, filters.event_ids];
  return lists
    .filter((list) => list !== undefined)
    .filter((list) => list.length > 0)
    .reduce<string[]>(
      (before, list) => before.flatMap((text) => list.map((value) => `${text}|${value}`)),
      [""],
    );
}
