import type { FoundPage, PageRequest, SearchQuery } from "../../events-api/event-search.js";
import { rangeConditions } from "./conditions.js";
import { countEvents } from "./count-events.js";
import type { Database, Searcher } from "./database.js";
import { Parameters } from "./parameters.js";
import { latestTime, type Place, placeOf, readPlace, writePlace } from "./place.js";

/** Finds a page of events, and counts all that the query finds. */
export async function findEvents(
  database: Database,
  { from, to, ...selection }: SearchQuery,
  page: PageRequest,
  signal: AbortSignal,
): Promise<FoundPage> {
  signal.throwIfAborted();
  const query = { ...selection, from: withinTime(from), to: withinTime(to) };
  const { limit } = page;
  const given = "offset" in page || page.after === undefined ? undefined : readPlace(page.after);
  return await database.searching(async (searcher) => {
    const after = "offset" in page ? await placeBefore(searcher, query, page.offset) : given;
    if (after === "beyond the last") {
      const totalCount = await countEvents(searcher, query);
      return { json: [], events: 0, totalCount, next: undefined };
    }
    const { next, ...found } = await searcher.readPage({ query, after, limit });
    return { ...found, next: next && writePlace(next) };
  }, signal);
}

/** @returns place of the event before those from an offset on; undefined for the first */
async function placeBefore(
  { dialect, rows }: Searcher,
  query: SearchQuery,
  offset: number,
): Promise<Place | undefined | "beyond the last"> {
  if (offset === 0) {
    return undefined;
  }
  const parameters = new Parameters();
  const [row] = await rows(
    `select ${dialect.millis("time")} as millis, identity from sparky_events.events
    where ${rangeConditions({ query }, dialect, parameters)} order by time desc, identity desc
    limit 1 offset ${parameters.add(String(offset - 1))}::bigint`,
    parameters.values,
  );
  return row ? placeOf(row) : "beyond the last";
}

function withinTime(millis: number): number {
  return Math.min(Math.max(millis, 0), latestTime);
}
