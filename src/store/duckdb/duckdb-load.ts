import { quoted, quotedPattern } from "../../duckdb/sql-text.js";
import { type LoadBatch, type LoadResult, sameEventWithin } from "../event-store.js";
import { instant, type Queries } from "../sql/database.js";
import { hasForgotten, personHash, recordingOf } from "../sql/forgotten.js";
import { identityOf, keyColumns } from "../sql/schema.js";
import { recordPeriod } from "../sql/sql-store.js";
import { storeColumns, storeQuote } from "../store-columns.js";
import { duckDbDialect } from "./duckdb-dialect.js";
import { largeMemory, largestMemory, usualMemory } from "./duckdb-options.js";
import { hashOfAddress, recipientHash } from "./recipient-hash.js";

/**
 * How long the records of a load may be, in bytes, and the memory that this takes, which DuckDB sets
 * aside: so longer ones are only reckoned with where one comes.
 */
export const recordLimits = [
  { longest: 2_000_000, memory: usualMemory },
  { longest: 32_000_000, memory: largeMemory },
  { longest: 256_000_000, memory: largestMemory },
] as const;

/**
 * Loads events within a transaction. They go from the file into the table without being held in between:
 * an event's text is large. What is there already is left out on the way, as far as a look at the ids of
 * the files and of the store tells; whatever is doubled then is removed again.
 */
export async function loadIntoDuckDb(
  queries: Queries,
  { files, fallbackTime, period }: LoadBatch,
  longestRecord: number,
): Promise<LoadResult> {
  // What was loaded stays where it is: to join its last rows with others leaves as much of the file free.
  await queries.change("set max_vacuum_tasks = 0");
  const source = files.length > 0 ? recordsOf(files, longestRecord) : undefined;
  const result = source
    ? await loadRecords(queries, source, fallbackTime, period)
    : { events: 0, added: 0 };
  if (period) {
    await recordPeriod(queries, duckDbDialect.timeType, period);
  }
  return result;
}

async function loadRecords(
  queries: Queries,
  records: string,
  fallbackTime: number,
  period: LoadBatch["period"],
): Promise<LoadResult> {
  const time = timeOf(fallbackTime);
  const source = await leaveOutForgotten(queries, records, time);
  const last = await lastRow(queries);
  if (period && !(await hasEvents(queries, period))) {
    const inserted = await queries.change(insertion(source, time));
    const { repeated, known } = await removeDoubled(queries, last);
    return { events: inserted - repeated, added: inserted - repeated - known };
  }
  const events = await findNew(queries, source, time);
  const [unknown] = await queries.rows("select count(*) as events from batch");
  if (unknown?.events === "0") {
    return { events, added: 0 };
  }
  const inserted = await queries.change(
    `${insertion(source, time)} semi join batch
      on batch.identity = ${identityOf(duckDbDialect)} and batch.time = ${time}`,
  );
  const { repeated, known } = await removeDoubled(queries, last);
  return { events, added: inserted - repeated - known };
}

/** @returns the records that are of nobody who is forgotten, as SQL; the others are put on record */
async function leaveOutForgotten(queries: Queries, records: string, time: string): Promise<string> {
  if (!(await hasForgotten(queries))) {
    return records;
  }
  const recipient = personHash(duckDbDialect, kept("rcpt_to"));
  const matched = `${records} as record left join sparky_events.forgotten on recipient = ${recipient}`;
  await queries.change(
    recordingOf(
      duckDbDialect,
      `select ${time} as time, ${identityOf(duckDbDialect)} as identity from ${matched} where ${time} < until`,
    ),
  );
  return `(select record.* from ${matched} where until is null or ${time} >= until)`;
}

/** Whether there are events in a period, or so close to it that they may be the same. */
async function hasEvents(
  queries: Queries,
  { from, to }: { readonly from: number; readonly to: number },
): Promise<boolean> {
  const rows = await queries.rows(
    `select 1 as found from sparky_events.events
    where time >= $1::timestamp and time < $2::timestamp limit 1`,
    [instant(from - sameEventWithin), instant(to + sameEventWithin)],
  );
  return rows.length > 0;
}

/**
 * Makes a table `batch` of the identities and times that are not in the store.
 *
 * @returns number of events in the files, each counted once
 */
async function findNew(queries: Queries, source: string, time: string): Promise<number> {
  await queries.change(
    `create or replace temp table batch as
    select identity, time from (
      select identity, time, lag(time) over (partition by identity order by time) as earlier
      from (select ${identityOf(duckDbDialect)} as identity, ${time} as time from ${source})
    ) where earlier is null or epoch_ms(time) - epoch_ms(earlier) > ${sameEventWithin}`,
  );
  const [batch] = await queries.rows(
    "select count(*) as events, epoch_ms(min(time)) as oldest, epoch_ms(max(time)) as newest from batch",
  );
  if (batch?.oldest && batch.newest) {
    await queries.change(
      `delete from batch where exists (
        select 1 from sparky_events.events as known
        where known.time between $1::timestamp and $2::timestamp and known.identity = batch.identity
          and abs(epoch_ms(known.time) - epoch_ms(batch.time)) <= ${sameEventWithin}
      )`,
      [
        instant(Number(batch.oldest) - sameEventWithin),
        instant(Number(batch.newest) + sameEventWithin),
      ],
    );
  }
  return Number(batch?.events);
}

/** Number of the last row. What a transaction inserts gets higher ones. */
async function lastRow(queries: Queries): Promise<string> {
  const [row] = await queries.rows(
    "select coalesce(max(rowid), -1) as number from sparky_events.events",
  );
  return row?.number ?? "-1";
}

/** Removes events that were inserted after a row, and were there before, or are there twice. */
async function removeDoubled(
  queries: Queries,
  last: string,
): Promise<{ readonly repeated: number; readonly known: number }> {
  const [fresh] = await queries.rows(
    `select epoch_ms(min(time)) as oldest, epoch_ms(max(time)) as newest
    from sparky_events.events where rowid > ${last}`,
  );
  if (!fresh?.oldest || !fresh.newest) {
    return { repeated: 0, known: 0 };
  }
  const around = [
    instant(Number(fresh.oldest) - sameEventWithin),
    instant(Number(fresh.newest) + sameEventWithin),
  ];
  const near = "time between $1::timestamp and $2::timestamp";
  await queries.change(
    `create or replace temp table twins as
    select rowid as number, identity, time from sparky_events.events
    where ${near} and identity in (
      select identity from sparky_events.events where ${near} group by identity having count(*) > 1
    )`,
    around,
  );
  const [twins] = await queries.rows("select count(*) as events from twins");
  if (twins?.events === "0") {
    return { repeated: 0, known: 0 };
  }
  const remove = (which: string) =>
    queries.change(
      `delete from sparky_events.events where rowid in (
        select new.number from twins as new join twins as other on other.identity = new.identity
          and abs(epoch_ms(other.time) - epoch_ms(new.time)) <= ${sameEventWithin}
        where new.number > ${last} and ${which}
      )`,
    );
  const repeated = await remove(
    `other.number > ${last} and (other.time, other.number) < (new.time, new.number)`,
  );
  const known = await remove(`other.number <= ${last}`);
  return { repeated, known };
}

function insertion(source: string, time: string): string {
  const columns = [
    ...keyColumns.map((name) => `${kept(name)} as ${name}`),
    `${hashOfAddress(kept("rcpt_to"))} as ${recipientHash}`,
  ];
  return `insert into sparky_events.events by name
    select ${time} as time, ${identityOf(duckDbDialect)} as identity, 0 as form, ${columns.join(", ")}, event
    from ${source}`;
}

/** U+0000 is kept as in PostgreSQL, which has none. */
function kept(column: string): string {
  return `replace(${column}, chr(0), chr(${0xfdd0}))`;
}

/** When an event happened, as SQL, from the column `timestamp`. */
function timeOf(fallbackTime: number): string {
  const fallback = `${quoted(instant(fallbackTime))}::timestamp`;
  return `coalesce(
    case when regexp_full_match(timestamp, '\\d{9,12}\\.\\d{3}')
      then epoch_ms(cast(replace(timestamp, '.', '') as bigint)) end,
    ${fallback})`;
}

/** The records of CSV files, as SQL. */
function recordsOf(files: readonly string[], longestRecord: number): string {
  const columns = storeColumns.map(({ header }) => `${quoted(header)}: 'VARCHAR'`);
  // Not in parallel: DuckDB would begin to read within a text, which may look like a record.
  return `(select * replace (${kept("event_id")} as event_id) from read_csv([${files.map(quotedPattern).join(", ")}],
    columns = {${columns.join(", ")}}, header = true, auto_detect = false, compression = 'none',
    delim = ',', quote = ${quoted(storeQuote)}, escape = ${quoted(storeQuote)}, new_line = '\\n',
    parallel = false, max_line_size = ${longestRecord}, buffer_size = ${bufferSizeFor(longestRecord)}))`;
}

/** In bytes; DuckDB wants room for two records. Fewer than that many at once take it longer. */
function bufferSizeFor(longestRecord: number): number {
  return Math.max(2 * longestRecord, 8_000_000);
}
