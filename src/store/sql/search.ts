import type { FoundPage, PageRequest, SearchQuery } from "../../events-api/event-search.js";
import { rangeConditions } from "./conditions.js";
import type { Database } from "./database.js";
import { Parameters } from "./parameters.js";
import { latestTime, type Place, placeOf, readPlace, writePlace } from "./place.js";
import type { Row } from "./sql-values.js";

/** Finds a page of events, and counts all that the query finds. */
export async function findEvents(
  database: Database,
  { from, to, ...selection }: SearchQuery,
  page: PageRequest,
  signal: AbortSignal,
): Promise<FoundPage> {
  signal.throwIfAborted();
  const query = { ...selection, from: withinTime(from), to: withinTime(to) };
  const count = () => countEvents(database, query, signal);
  const { limit } = page;
  const before = await placeBefore(database, query, page, signal);
  if (before === "beyond the last") {
    return { json: [], events: 0, totalCount: await count(), next: undefined };
  }
  const reading = database.readPage({ query, after: before, limit }, signal);
  if (before === undefined) {
    const { json, events, next } = await reading;
    // A page that is the only one tells the count.
    return found(json, events, next, next ? await count() : events);
  }
  const [{ json, events, next }, totalCount] = await Promise.all([reading, count()]);
  return found(json, events, next, totalCount);
}

function found(
  json: readonly Uint8Array[],
  events: number,
  next: Place | undefined,
  totalCount: number,
): FoundPage {
  return { json, events, totalCount, next: next && writePlace(next) };
}

/** @returns place of the event before a page; undefined for the first page */
async function placeBefore(
  database: Database,
  query: SearchQuery,
  page: PageRequest,
  signal: AbortSignal,
): Promise<Place | undefined | "beyond the last"> {
  if (!("offset" in page)) {
    return page.after === undefined ? undefined : readPlace(page.after);
  }
  if (page.offset === 0) {
    return undefined;
  }
  const { dialect } = database;
  const parameters = new Parameters();
  const [row] = await database.rows(
    `select ${dialect.millis("time")} as millis, identity from sparky_events.events
    where ${rangeConditions({ query }, dialect, parameters)} order by time desc, identity desc
    limit 1 offset ${parameters.add(String(page.offset - 1))}::bigint`,
    parameters.values,
    signal,
  );
  return row ? placeOf(row) : "beyond the last";
}

async function countEvents(
  database: Database,
  query: SearchQuery,
  signal: AbortSignal,
): Promise<number> {
  const { dialect } = database;
  const { from, to, types, filters, metadata } = query;
  const [subaccounts, ...others] = filters;
  const isPlain =
    metadata.length === 0 &&
    others.length === 0 &&
    (subaccounts?.filter.property ?? "subaccount_id") === "subaccount_id";
  const parameters = new Parameters();
  const statement = isPlain
    ? dialect.count(
        { start: from, end: to },
        { types, subaccounts: subaccounts?.values },
        parameters,
      )
    : `select count(*) as events from sparky_events.events
      where ${rangeConditions({ query }, dialect, parameters)}`;
  const [row]: Row[] = await database.rows(statement, parameters.values, signal);
  return Number(row?.events);
}

function withinTime(millis: number): number {
  return Math.min(Math.max(millis, 0), latestTime);
}
