import type { FoundPage, MetadataFilter, SearchQuery } from "../../src/events-api/event-search.js";
import type { EventSource } from "../../src/sandbox/event-source.js";
import { NumberLiteral } from "../../src/sandbox/json-text.js";
import { createMatcher } from "../../src/sandbox/match.js";
import type { EventStore } from "../../src/store/event-store.js";
import type { SentEvent } from "./awkward-events.js";

/** The texts of what a query finds among some events, in its order, by the simulator's rules. */
export function expectedTexts(events: readonly SentEvent[], query: SearchQuery): string[] {
  const source = {
    length: events.length,
    typeOf: (index: number) => String(events[index]?.says.type),
    propertyOf: (index: number, name: string) => events[index]?.says[name],
  } as EventSource;
  const matches = createMatcher(source, query);
  return events
    .filter(
      ({ time, says }, index) =>
        time >= query.from &&
        time < query.to &&
        matches(index) &&
        query.metadata.every((filter) => hasMetadata(says, filter)),
    )
    .sort(
      (a, b) => b.time - a.time || Buffer.compare(Buffer.from(b.identity), Buffer.from(a.identity)),
    )
    .map(({ text }) => text);
}

function hasMetadata(says: unknown, { path, values }: MetadataFilter): boolean {
  let value = says;
  for (const name of path) {
    const canHold =
      typeof value === "object" && value !== null && !(value instanceof NumberLiteral);
    const isItem = !Array.isArray(value) || /^(?:0|[1-9]\d*)$/.test(name);
    value =
      canHold && isItem && Object.hasOwn(value as object, name)
        ? (value as Record<string, unknown>)[name]
        : undefined;
  }
  return (
    value !== null &&
    (typeof value !== "object" || value instanceof NumberLiteral) &&
    value !== undefined &&
    values.includes(String(value).toWellFormed())
  );
}

/** Walks all pages of a query. */
export async function walk(
  store: EventStore,
  query: SearchQuery,
  limit: number,
): Promise<{ readonly pages: FoundPage[]; readonly json: string }> {
  const pages: FoundPage[] = [];
  let after: string | undefined;
  do {
    const page = await store.find(query, { limit, after }, new AbortController().signal);
    pages.push(page);
    after = page.next;
  } while (after !== undefined);
  const json = pages.filter(({ events }) => events > 0).map((page) => Buffer.concat(page.json));
  return { pages, json: json.join(",") };
}
