import { foldAscii } from "../../events-api/fold-case.js";
import { type KeywordMatch, keywordsOf } from "../../events-api/keywords.js";
import { wellFormed } from "../../events-api/well-formed.js";
import type { EventSource } from "../event-source.js";
import { NumberLiteral, stringifyJson } from "../json-text.js";
import type { QueryFilter, SearchQuery } from "./query.js";

/** Mail addresses compare without regard to the case of ASCII's letters. */
const addressProperties = ["rcpt_to", "friendly_from"];

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
      return value !== undefined && value !== null && test(textOf(value));
    });
  };
}

function valueTest({ filter, values }: QueryFilter): ValueTest {
  const { match } = filter;
  if (match !== "exact") return keywordTest(values, match);
  if (!addressProperties.includes(filter.property)) {
    const wanted = new Set(values);
    return (value) => wanted.has(value);
  }
  const wanted = new Set(values.map(foldAscii));
  return (value) => wanted.has(foldAscii(value));
}

/** What of a value is compared; half of a surrogate pair, which nothing can ask for, is U+FFFD. */
function textOf(value: unknown): string {
  const isJson = typeof value === "object" && !(value instanceof NumberLiteral);
  return wellFormed(isJson ? stringifyJson(value) : String(value));
}

/** One of `values` has to have all its keywords among those of the event's value. */
function keywordTest(values: readonly string[], match: KeywordMatch): ValueTest {
  const wanted = values
    .map((value) => keywordsOf(value, match))
    .filter((keywords) => keywords.length > 0);
  return (value) => {
    const present = keywordsOf(value, match);
    return wanted.some((keywords) => keywords.every((keyword) => present.includes(keyword)));
  };
}
