import type { EventSource } from "../event-source.js";
import type { QueryFilter, SearchQuery } from "./query.js";

/** Mail addresses compare without regard to letter case. */
const addressProperties = ["rcpt_to", "friendly_from"];

const keywordSeparators = { keyword: /[ \-_]+/, domain: /[ \-_.]+/ };

type ValueTest = (value: string) => boolean;

/** Tells which events of the source, by index, pass the query's types and filters. */
export function createMatcher(
  source: EventSource,
  { types, filters }: Pick<SearchQuery, "types" | "filters">,
): (index: number) => boolean {
  const wantedTypes = types && new Set(types);
  const tests = filters.map((query) => ({
    property: query.filter.property,
    test: valueTest(query),
  }));
  return (index) => {
    if (wantedTypes && !wantedTypes.has(source.typeOf(index))) return false;
    return tests.every(({ property, test }) => {
      const value = source.propertyOf(index, property);
      return value !== undefined && value !== null && test(String(value));
    });
  };
}

function valueTest({ filter, values }: QueryFilter): ValueTest {
  const { match } = filter;
  if (match !== "exact") return keywordTest(values, keywordSeparators[match]);
  if (!addressProperties.includes(filter.property)) {
    const wanted = new Set(values);
    return (value) => wanted.has(value);
  }
  const wanted = new Set(values.map((value) => value.toLowerCase()));
  return (value) => wanted.has(value.toLowerCase());
}

/** One of `values` has to have all its keywords among those of the event's value. */
function keywordTest(values: readonly string[], separators: RegExp): ValueTest {
  const keywordsOf = (text: string): string[] =>
    text.toLowerCase().split(separators).filter(Boolean);
  const wanted = values.map(keywordsOf).filter((keywords) => keywords.length > 0);
  return (value) => {
    const present = keywordsOf(value);
    return wanted.some((keywords) => keywords.every((keyword) => present.includes(keyword)));
  };
}
