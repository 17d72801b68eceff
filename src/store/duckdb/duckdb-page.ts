import type { SearchQuery } from "../../events-api/event-search.js";
import { unitLength } from "../../time/units.js";
import { rangeConditions, type SearchRange } from "../sql/conditions.js";
import { instant, type PageToRead, type Queries, type ReadPage } from "../sql/database.js";
import { Parameters } from "../sql/parameters.js";
import { type Place, placeOf } from "../sql/place.js";
import type { SqlValue } from "../sql/sql-values.js";
import { duckDbDialect } from "./duckdb-dialect.js";

export interface PageQueries extends Queries {
  /** Values of type BLOB, each of which a statement gives with its place, from 1. */
  placed(sql: string, values?: readonly SqlValue[]): Promise<Uint8Array[]>;
}

/**
 * Reads a page in two steps: its rows into a table `found`, and then their texts, which take long to unpack.
 * The queries are of one transaction, in which rows keep their numbers.
 */
export async function readDuckDbPage(queries: PageQueries, page: PageToRead): Promise<ReadPage> {
  const totalCount = (await findFew(queries, page)) ?? (await findNewest(queries, page));
  const found = await boundsOf(queries, page.limit);
  if (!found) {
    return { json: [], events: 0, totalCount, next: undefined };
  }
  const events = Math.min(found.events, page.limit);
  return {
    json: joined(await readTexts(queries, found, events)),
    events,
    totalCount,
    next: found.events > page.limit ? found.last : undefined,
  };
}

/** Up to so many events, it does not matter how many there are. */
const few = 1000;

/**
 * Finds all events of a query, and keeps those that come after the page's begin, in one pass; but not where
 * they are many.
 *
 * @returns number of all
 */
async function findFew(
  queries: PageQueries,
  { query, after, limit }: PageToRead,
): Promise<number | undefined> {
  if (!isSelective(query)) {
    return undefined;
  }
  const most = Math.max(limit, few);
  const events = await find(queries, { query }, `limit ${most + 1}`);
  if (events > most) {
    return undefined;
  }
  if (after) {
    await queries.change("delete from found where (time, identity) >= ($1::timestamp, $2)", [
      instant(after.time),
      after.identity,
    ]);
  }
  return events;
}

/**
 * Finds the events of a page and one more, if there are. Looks at ever longer ranges before the page's begin,
 * until one has enough: sorting all that are older takes as long as there are any.
 *
 * @returns number of all that the query finds
 */
async function findNewest(
  queries: PageQueries,
  { query, after, limit }: PageToRead,
): Promise<number> {
  const { total, distance } = await measure(queries, query);
  const newest = Math.min(query.to, after ? after.time + 1 : query.to);
  const order = `order by time desc, identity desc limit ${limit + 1}`;
  // Few have to look further, though events do not come evenly.
  for (let length = distance * limit * 2 + unitLength.minute; ; length *= 8) {
    const from = Math.max(query.from, newest - length);
    const events = await find(queries, { query: { ...query, from }, after }, order);
    if (events > limit || from <= query.from) {
      return total;
    }
  }
}

interface Measure {
  /** Number of all events that a query finds. */
  readonly total: number;
  /** From one to the next in the mean, in milliseconds. */
  readonly distance: number;
}

async function measure(queries: PageQueries, query: SearchQuery): Promise<Measure> {
  const parameters = new Parameters();
  const conditions = rangeConditions({ query }, duckDbDialect, parameters);
  const [row] = await queries.rows(
    `select count(*) as events, epoch_ms(min(time)) as oldest, epoch_ms(max(time)) as newest
    from sparky_events.events where ${conditions}`,
    parameters.values,
  );
  const total = Number(row?.events);
  return { total, distance: (Number(row?.newest) - Number(row?.oldest)) / Math.max(1, total) };
}

/** Whether a query does not find all events of its range. */
function isSelective({ types, filters, metadata }: SearchQuery): boolean {
  return types !== undefined || filters.length > 0 || metadata.length > 0;
}

/** @returns number of events found */
async function find(queries: PageQueries, range: SearchRange, limit: string): Promise<number> {
  const parameters = new Parameters();
  const conditions = rangeConditions(range, duckDbDialect, parameters);
  const [row] = await queries.rows(
    `create or replace temp table found as
    select rowid as number, time, identity from sparky_events.events where ${conditions} ${limit}`,
    parameters.values,
  );
  return Number(row?.Count);
}

interface Found {
  /** Number of events, up to one more than the page has. */
  readonly events: number;
  /** Time of the first, epoch milliseconds. */
  readonly newest: number;
  /** Where the last event of the page stands. */
  readonly last: Place;
}

async function boundsOf(queries: PageQueries, limit: number): Promise<Found | undefined> {
  const [row] = await queries.rows(
    `select (select count(*) from found) as events, (select epoch_ms(max(time)) from found) as newest,
      epoch_ms(time) as millis, identity
    from (select * from found order by time desc, identity desc limit ${limit})
    order by time, identity limit 1`,
  );
  return row && { events: Number(row.events), newest: Number(row.newest), last: placeOf(row) };
}

/** Above so many rows for each event, it is quicker to pick the rows than to read the texts of all. */
const manyRows = 8;

/** The texts of the first events found. */
async function readTexts(
  queries: PageQueries,
  { newest, last }: Found,
  events: number,
): Promise<Uint8Array[]> {
  const isBetween = "time >= $1::timestamp and time < $2::timestamp";
  const bounds = [instant(last.time), instant(newest + 1)];
  const [row] = await queries.rows(
    `select count(*) as rows from sparky_events.events where ${isBetween}`,
    bounds,
  );
  const isSparse = Number(row?.rows) > manyRows * events;
  // Up to so many rows, a join picks them one by one.
  await queries.change(`set dynamic_or_filter_threshold = ${isSparse ? events : 0}`);
  return await queries.placed(
    `select place, encode(event) from sparky_events.events join (
      select number, row_number() over (order by time desc, identity desc) as place from found
    ) as page on number = rowid
    where ${isBetween} and place <= ${events}`,
    bounds,
  );
}

/** So many texts at once: few pieces, and none too long. */
const textsInPiece = 500;

function joined(texts: readonly Uint8Array[]): Buffer[] {
  const pieces: Buffer[] = [];
  for (let start = 0; start < texts.length; start += textsInPiece) {
    const some = texts.slice(start, start + textsInPiece).flatMap((text) => [comma, text]);
    pieces.push(Buffer.concat(start > 0 ? some : some.slice(1)));
  }
  return pieces;
}

const comma = Buffer.from(",");
