import { isIndex } from "../csv/csv-layout.js";
import type { MetadataFilter, QueryFilter, SearchQuery } from "../events-api/event-search.js";
import type { EventSource } from "./event-source.js";
import { NumberLiteral } from "./json-text.js";

/** Mail addresses compare without regard to letter case. */
const addressProperties = ["rcpt_to", "friendly_from"];

const keywordSeparators = { keyword: /[ \-_]+/, domain: /[ \-_.]+/ };

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
    test: (value) => value !== undefined && value !== null && test(String(value)),
  };
}

function metadataTest({ path: [property = "", ...inner], values }: MetadataFilter): PropertyTest {
  const wanted = new Set(values);
  return {
    property,
    test: (value) => {
      const text = textOf(memberAt(value, inner));
      return text !== undefined && wanted.has(text);
    },
  };
}

/** What the path leads to within a value, or undefined. */
function memberAt(value: unknown, path: readonly string[]): unknown {
  let member = value;
  for (const name of path) {
    if (typeof member !== "object" || member === null || member instanceof NumberLiteral) {
      return undefined;
    }
    const isMember = Array.isArray(member) ? isIndex(name) : true;
    member =
      isMember && Object.hasOwn(member, name)
        ? (member as Record<string, unknown>)[name]
        : undefined;
  }
  return member;
}

function textOf(value: unknown): string | undefined {
  const isPlain = ["string", "number", "boolean"].includes(typeof value);
  return isPlain || value instanceof NumberLiteral ? String(value) : undefined;
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
