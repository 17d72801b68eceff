import { valueAt } from "../csv/value-at.js";
import type { MetadataFilter, QueryFilter, SearchQuery } from "../events-api/event-search.js";
import { foldAscii } from "../events-api/fold-case.js";
import { type KeywordMatch, keywordsOf } from "../events-api/keywords.js";
import { wellFormed } from "../events-api/well-formed.js";
import type { EventSource } from "./event-source.js";
import { NumberLiteral, stringifyJson } from "./json-text.js";

/** Mail addresses compare without regard to the case of ASCII's letters. */
const addressProperties = ["rcpt_to", "friendly_from"];

type ValueTest = (value: string) => boolean;

/** What of a query does not depend on time. */
export type Selection = Pick<SearchQuery, "types" | "filters" | "metadata">;

/** Tells which events of the source, by index, pass the query's types and filters. */
export function createMatcher(
  source: EventSource,
  { types, filters, metadata }: Selection,
): (index: number) => boolean {
  const wantedTypes = types && new Set(types);
  const tests = [...filters.map(filterTest), ...metadata.map(metadataTest)];
  return (index) => {
    if (wantedTypes && !wantedTypes.has(source.typeOf(index))) return false;
    return tests.every(({ property, test }) => test(source.propertyOf(index, property)));
  };
}

interface PropertyTest {
  readonly property: string;
  readonly test: (value: unknown) => boolean;
}

function filterTest(query: QueryFilter): PropertyTest {
  const test = valueTest(query);
  return {
    property: query.filter.property,
    test: (value) => value !== undefined && value !== null && test(textOf(value)),
  };
}

function metadataTest({ path: [property = "", ...inner], values }: MetadataFilter): PropertyTest {
  const wanted = new Set(values);
  return {
    property,
    test: (value) => {
      const text = plainTextOf(valueAt(value, inner));
      return text !== undefined && wanted.has(text);
    },
  };
}

function plainTextOf(value: unknown): string | undefined {
  const isPlain = ["string", "number", "boolean"].includes(typeof value);
  return isPlain || value instanceof NumberLiteral ? textOf(value) : undefined;
}

/** What of a value is compared; half of a surrogate pair, which nothing can ask for, is U+FFFD. */
function textOf(value: unknown): string {
  const isJson = typeof value === "object" && !(value instanceof NumberLiteral);
  return wellFormed(isJson ? stringifyJson(value) : String(value));
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
