import { createReadStream } from "node:fs";
import { Transform } from "node:stream";
import { pipeline } from "node:stream/promises";
import type { PoolClient } from "pg";
import { type LoadBatch, type LoadResult, sameEventWithin } from "../event-store.js";
import { instant, type Queries } from "../sql/database.js";
import { hasForgotten, personHash, recordingOf } from "../sql/forgotten.js";
import { identityOf, keyColumns } from "../sql/schema.js";
import { recordPeriod } from "../sql/sql-store.js";
import { storeColumns, storeQuote } from "../store-columns.js";
import { insertCounted } from "./postgres-counts.js";
import { postgresDialect } from "./postgres-dialect.js";
import { locks } from "./postgres-locks.js";
import { ensurePartitions } from "./postgres-partitions.js";

type CopyFrom = typeof import("pg-copy-streams")["from"];

/** Loads events within a transaction: into a table of its own first, then what is new among the others. */
export async function loadIntoPostgres(
  queries: Queries,
  client: PoolClient,
  copyFrom: CopyFrom,
  { files, fallbackTime, period }: LoadBatch,
): Promise<LoadResult> {
  await copyFiles(queries, client, copyFrom, files);
  const events = await chooseEach(queries, fallbackTime);
  await queries.rows("select pg_advisory_xact_lock($1)", [locks.load]);
  await leaveOutForgotten(queries);
  await leaveOutKnown(queries);
  await ensurePartitions(queries, await monthsOf(queries));
  const added = await insertCounted(
    queries,
    `insert into sparky_events.events (time, identity, form, ${keyColumns.join(", ")}, event)
    select chosen.time, chosen.identity, 0, ${keyColumns.join(", ")}, event
    from batch join chosen using (number)
    on conflict do nothing`,
  );
  if (period) {
    await recordPeriod(queries, postgresDialect.timeType, period);
  }
  return { events, added };
}

/** Makes a table `batch` of the files' records, each with a number. */
async function copyFiles(
  queries: Queries,
  client: PoolClient,
  copyFrom: CopyFrom,
  files: readonly string[],
): Promise<void> {
  const names = storeColumns.map(({ header }) => `"${header}"`);
  await queries.change(
    `create temporary table batch (
      number bigint generated always as identity, ${names.map((name) => `${name} text collate "C"`).join(", ")}
    ) on commit drop`,
  );
  for (const file of files) {
    await pipeline(
      createReadStream(file, { highWaterMark: 2 ** 18 }),
      withoutNul(),
      client.query(
        copyFrom(
          `copy batch (${names.join(", ")}) from stdin
          (format csv, header, quote '${storeQuote}', escape '${storeQuote}', encoding 'UTF8')`,
        ),
      ),
    );
  }
}

/** PostgreSQL has no U+0000 in texts: where one stands, U+FDD0 is kept, which no text has for itself. */
function withoutNul(): Transform {
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      done(null, chunk.includes(0) ? replaceNul(chunk) : chunk);
    },
  });
}

const substitute = Buffer.from("\u{fdd0}");

function replaceNul(chunk: Buffer): Buffer {
  const pieces: Buffer[] = [];
  let start = 0;
  for (let at = chunk.indexOf(0); at !== -1; at = chunk.indexOf(0, start)) {
    pieces.push(chunk.subarray(start, at), substitute);
    start = at + 1;
  }
  return Buffer.concat([...pieces, chunk.subarray(start)]);
}

/**
 * Makes a table `chosen` of the batch's events, each once.
 *
 * @returns number of them
 */
async function chooseEach(queries: Queries, fallbackTime: number): Promise<number> {
  await queries.change(
    `create temporary table chosen on commit drop as
    select number, ${identityOf(postgresDialect)} as identity, ${timeOf(fallbackTime)} as time from batch`,
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
        `select chosen.time, identity from chosen, batch, sparky_events.forgotten where ${matching}`,
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

/** When an event happened, as SQL, from the column `timestamp`. Each part is exact. */
function timeOf(fallbackTime: number): string {
  return `case when timestamp ~ '^\\d{9,12}\\.\\d{3}$'
    then timestamptz 'epoch' + make_interval(secs => split_part(timestamp, '.', 1)::bigint)
      + split_part(timestamp, '.', 2)::integer * interval '1 millisecond'
    else timestamptz '${instant(fallbackTime)}' end`;
}
