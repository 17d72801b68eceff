import { pipeline } from "node:stream/promises";
import type { PoolClient } from "pg";
import { type LoadBatch, type LoadResult, sameEventWithin } from "../event-store.js";
import { instant, type Queries } from "../sql/database.js";
import { hasForgotten, personHash, recordingOf } from "../sql/forgotten.js";
import { recordPeriod } from "../sql/sql-store.js";
import { BinaryRows, copiedColumns } from "./binary-rows.js";
import { insertCounted, recount } from "./postgres-counts.js";
import { postgresDialect } from "./postgres-dialect.js";
import { locks } from "./postgres-locks.js";
import { ensurePartitions } from "./postgres-partitions.js";

type CopyFrom = typeof import("pg-copy-streams")["from"];

/** A transaction, and what a load needs to copy files within it. */
export interface LoadTransaction {
  readonly queries: Queries;
  readonly client: PoolClient;
  readonly copyFrom: CopyFrom;
}

/** Loads events within a transaction. */
export async function loadIntoPostgres(
  transaction: LoadTransaction,
  batch: LoadBatch,
): Promise<LoadResult> {
  const { queries } = transaction;
  const { files, period } = batch;
  const isFirst =
    period &&
    files.length > 0 &&
    (await isEmpty(queries, period)) &&
    !(await hasForgotten(queries));
  const result =
    (isFirst && (await loadFirst(transaction, batch, period))) ||
    (await loadAmongOthers(transaction, batch));
  if (period) {
    await recordPeriod(queries, postgresDialect.timeType, period);
  }
  return result;
}

type Range = { readonly from: number; readonly to: number };

/** Whether a period has no events, nor any so close to it that they may be the same; and nobody adds one. */
async function isEmpty(queries: Queries, { from, to }: Range): Promise<boolean> {
  await queries.rows("select pg_advisory_xact_lock($1)", [locks.load]);
  const rows = await queries.rows(
    `select 1 as found from sparky_events.events
    where time >= $1::timestamptz and time < $2::timestamptz limit 1`,
    [instant(from - sameEventWithin), instant(to + sameEventWithin)],
  );
  return rows.length === 0;
}

/**
 * Copies the first events of a period straight to where they stay.
 *
 * @returns undefined where that is not possible: some are doubled, or not of the period. Nothing is done then
 */
async function loadFirst(
  transaction: LoadTransaction,
  { files, fallbackTime }: LoadBatch,
  { from, to }: Range,
): Promise<LoadResult | undefined> {
  const { queries } = transaction;
  await ensurePartitions(queries, monthsIn(from, to));
  await queries.change("savepoint first");
  const copied = await copyFiles(transaction, files, fallbackTime, "sparky_events.events").catch(
    (error: unknown) => {
      if (isMisplaced(error)) {
        return undefined;
      }
      throw error;
    },
  );
  if (
    !copied ||
    copied.oldest < from ||
    copied.newest >= to ||
    (await hasRepeated(queries, { from, to }))
  ) {
    await queries.change("rollback to savepoint first");
    return undefined;
  }
  await recount(queries, { start: from, end: to });
  return { events: copied.events, added: copied.events };
}

/** Whether a row could not be where it was copied to: another has its place, or there is no partition. */
function isMisplaced(error: unknown): boolean {
  const { code } = error as { readonly code?: unknown };
  return code === "23505" || code === "23514";
}

async function hasRepeated(queries: Queries, { from, to }: Range): Promise<boolean> {
  await queries.change("set local work_mem = '64MB'");
  const rows = await queries.rows(
    `select 1 as found from sparky_events.events
    where time >= $1::timestamptz and time < $2::timestamptz group by identity having count(*) > 1 limit 1`,
    [instant(from), instant(to)],
  );
  return rows.length > 0;
}

/** Loads into a table of its own first, then what is new among the others. */
async function loadAmongOthers(
  transaction: LoadTransaction,
  { files, fallbackTime }: LoadBatch,
): Promise<LoadResult> {
  const { queries } = transaction;
  await queries.change(
    `create temporary table batch (
      number bigint generated always as identity, like sparky_events.events
    ) on commit drop`,
  );
  await copyFiles(transaction, files, fallbackTime, "batch");
  const events = await chooseEach(queries);
  await queries.rows("select pg_advisory_xact_lock($1)", [locks.load]);
  await leaveOutForgotten(queries);
  await leaveOutKnown(queries);
  await ensurePartitions(queries, await monthsOf(queries));
  const added = await insertCounted(
    queries,
    `insert into sparky_events.events (${copiedColumns.join(", ")})
    select ${copiedColumns.map((name) => `batch.${name}`).join(", ")}
    from batch join chosen using (number)
    on conflict do nothing`,
  );
  return { events, added };
}

interface Copied {
  /** Number of events. */
  readonly events: number;
  /** Times of the oldest and the newest, epoch milliseconds. */
  readonly oldest: number;
  readonly newest: number;
}

async function copyFiles(
  { client, copyFrom }: LoadTransaction,
  files: readonly string[],
  fallbackTime: number,
  table: string,
): Promise<Copied> {
  let copied: Copied = { events: 0, oldest: Infinity, newest: -Infinity };
  for (const file of files) {
    const rows = new BinaryRows(file, fallbackTime);
    await pipeline(
      rows,
      client.query(
        copyFrom(`copy ${table} (${copiedColumns.join(", ")}) from stdin (format binary)`),
      ),
    );
    copied = {
      events: copied.events + rows.count,
      oldest: Math.min(copied.oldest, rows.oldest),
      newest: Math.max(copied.newest, rows.newest),
    };
  }
  return copied;
}

/**
 * Makes a table `chosen` of the batch's events, each once.
 *
 * @returns number of them
 */
async function chooseEach(queries: Queries): Promise<number> {
  await queries.change(
    "create temporary table chosen on commit drop as select number, identity, time from batch",
  );
  await queries.change(
    `delete from chosen using (
      select number, time - lag(time) over (partition by identity order by time, number) as distance
      from chosen where identity in (
        select identity from chosen group by identity having count(*) > 1
      )
    ) as twins
    where chosen.number = twins.number and distance <= ${nearby}`,
  );
  await queries.change("analyze chosen");
  const [row] = await queries.rows("select count(*) as events from chosen");
  return Number(row?.events);
}

/** Leaves out of `chosen` what is of somebody who is forgotten, and puts that on record. */
async function leaveOutForgotten(queries: Queries): Promise<void> {
  if (await hasForgotten(queries)) {
    const matching = `batch.number = chosen.number and chosen.time < until
      and recipient = ${personHash(postgresDialect, "batch.rcpt_to")}`;
    await queries.change(
      recordingOf(
        postgresDialect,
        `select chosen.time, chosen.identity from chosen, batch, sparky_events.forgotten where ${matching}`,
      ),
    );
    await queries.change(
      `delete from chosen using batch, sparky_events.forgotten where ${matching}`,
    );
  }
}

const nearby = `interval '${sameEventWithin} milliseconds'`;

/** Leaves out of `chosen` what is in the store. */
async function leaveOutKnown(queries: Queries): Promise<void> {
  const { millis } = postgresDialect;
  const [range] = await queries.rows(
    `select ${millis("min(time)")} as oldest, ${millis("max(time)")} as newest from chosen`,
  );
  if (!range?.oldest || !range.newest) {
    return;
  }
  await queries.change(
    `delete from chosen using sparky_events.events as known
    where known.time between $1::timestamptz and $2::timestamptz
      and known.identity = chosen.identity
      and known.time between chosen.time - ${nearby} and chosen.time + ${nearby}`,
    [
      instant(Number(range.oldest) - sameEventWithin),
      instant(Number(range.newest) + sameEventWithin),
    ],
  );
}

/** Beginnings of the months, in UTC, of what is in `chosen`. */
async function monthsOf(queries: Queries): Promise<Date[]> {
  const rows = await queries.rows(
    `select distinct ${postgresDialect.millis(`date_trunc('month', time, 'UTC')`)} as month from chosen order by 1`,
  );
  return rows.map(({ month }) => new Date(Number(month)));
}

/** Beginnings of the months, in UTC, that a period touches. */
function monthsIn(from: number, to: number): Date[] {
  const first = new Date(from);
  const months: Date[] = [];
  for (let index = 0; ; index++) {
    const month = new Date(Date.UTC(first.getUTCFullYear(), first.getUTCMonth() + index, 1));
    if (month.getTime() >= to) {
      return months;
    }
    months.push(month);
  }
}
