import { unitLength } from "../../time/units.js";
import { rangeConditions, type SearchRange } from "../sql/conditions.js";
import { type Database, instant, type PageToRead, type ReadPage } from "../sql/database.js";
import { Parameters } from "../sql/parameters.js";
import { type Place, placeOf } from "../sql/place.js";
import type { SqlValue } from "../sql/sql-values.js";
import { duckDbDialect } from "./duckdb-dialect.js";

export interface BytesDatabase extends Pick<Database, "rows"> {
  /** The one value, of type BLOB, that a statement gives. */
  bytes(sql: string, values: readonly SqlValue[], signal: AbortSignal): Promise<Uint8Array>;
}

/** Reads a page in two steps: where its last event stands, and then the texts between. */
export async function readDuckDbPage(
  database: BytesDatabase,
  page: PageToRead,
  signal: AbortSignal,
): Promise<ReadPage> {
  const { query, after, limit } = page;
  const end = await findEnd(database, page, signal);
  if (!end) {
    return { json: [], events: 0, next: undefined };
  }
  const json = await readTexts(database, { query, after, last: end.last }, end.events, signal);
  return {
    json: [json],
    events: Math.min(end.events, limit),
    next: end.events > limit ? end.last : undefined,
  };
}

interface End {
  /** Number of events found, up to one more than the page has. */
  readonly events: number;
  /** Where the last event of the page stands. */
  readonly last: Place;
}

/**
 * Looks at ever longer ranges before the page's begin, until one has enough events: sorting all that are
 * older takes as long as there are any.
 */
async function findEnd(
  database: BytesDatabase,
  page: PageToRead,
  signal: AbortSignal,
): Promise<End | undefined> {
  const { query, after, limit } = page;
  const newest = Math.min(query.to, after ? after.time + 1 : query.to);
  for (let length = unitLength.hour; ; length *= 8) {
    const from = Math.max(query.from, newest - length);
    const found = await findEndSince({ ...page, query: { ...query, from } }, database, signal);
    if ((found && found.events > limit) || from <= query.from) {
      return found;
    }
  }
}

async function findEndSince(
  { query, after, limit }: PageToRead,
  database: BytesDatabase,
  signal: AbortSignal,
): Promise<End | undefined> {
  const parameters = new Parameters();
  const conditions = rangeConditions({ query, after }, duckDbDialect, parameters);
  const [row] = await database.rows(
    `with found as materialized (
      select time, identity from sparky_events.events
      where ${conditions} order by time desc, identity desc limit ${limit + 1}
    )
    select (select count(*) from found) as events, epoch_ms(time) as millis, identity
    from (select * from found order by time desc, identity desc limit ${limit})
    order by time, identity limit 1`,
    parameters.values,
    signal,
  );
  return row && { events: Number(row.events), last: placeOf(row) };
}

/** Above so many rows for each event, it is quicker to pick the rows than to read the texts of all. */
const manyRows = 30;

async function readTexts(
  database: BytesDatabase,
  range: SearchRange & { readonly last: Place },
  events: number,
  signal: AbortSignal,
): Promise<Uint8Array> {
  const parameters = new Parameters();
  const conditions = rangeConditions(range, duckDbDialect, parameters);
  const isSparse = (await countRows(database, range, signal)) > manyRows * events;
  return await database.bytes(
    `select encode(string_agg(event, ',' order by time desc, identity desc))
    from sparky_events.events where ${
      isSparse
        ? `rowid in (select rowid from sparky_events.events where ${conditions})`
        : conditions
    }`,
    parameters.values,
    signal,
  );
}

async function countRows(
  database: BytesDatabase,
  { query, after, last }: SearchRange & { readonly last: Place },
  signal: AbortSignal,
): Promise<number> {
  const end = Math.min(query.to, after ? after.time + 1 : query.to);
  const [row] = await database.rows(
    "select count(*) as rows from sparky_events.events where time >= $1::timestamp and time < $2::timestamp",
    [instant(last.time), instant(end)],
    signal,
  );
  return Number(row?.rows);
}
