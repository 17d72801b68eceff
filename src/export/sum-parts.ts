import type { PartEntry } from "../partial/journal-entry.js";
import type { Flaw } from "../slices/count-claims.js";
import type { FetchedSearch } from "./fetch-search.js";

/** What there is of a search of which all parts were fetched. */
export function sumParts(parts: readonly PartEntry[]): Omit<FetchedSearch, "resumed"> {
  const eventsByType = new Map<string, number>();
  let [events, totalCount, doubled] = [0, 0, 0];
  for (const part of parts) {
    events += part.events;
    totalCount += part.totalCount;
    doubled += part.doubled;
    for (const [type, count] of part.eventsByType) {
      eventsByType.set(type, (eventsByType.get(type) ?? 0) + count);
    }
  }
  return { events, eventsByType, totalCount, doubled, flaw: worstFlaw(parts, events) };
}

/** What is too much in one part must not make up for what is missing in another. */
function worstFlaw(parts: readonly PartEntry[], arrived: number): Flaw | undefined {
  const flaws = parts.flatMap(({ flaw }) => flaw ?? []);
  for (const kind of ["shifted", "missing", "unproven", "surplus"] as const) {
    const alike = flaws.filter((flaw) => flaw.kind === kind);
    if (alike.length > 0) {
      const missing = alike.reduce((sum, flaw) => sum + flaw.counted - flaw.arrived, 0);
      return { kind, arrived, counted: arrived + missing };
    }
  }
  return undefined;
}
