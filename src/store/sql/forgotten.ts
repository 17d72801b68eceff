import { createHash } from "node:crypto";
import { foldAscii } from "../../events-api/fold-case.js";
import type { Span } from "../../time/local-time.js";
import { type Extent, sameEventWithin } from "../event-store.js";
import { type Dialect, instant, type Queries } from "./database.js";
import { Parameters } from "./parameters.js";
import { keptText } from "./schema.js";

/**
 * A person who is forgotten leaves two things behind: the hash of the address, by which what happened
 * before stays out when it is loaded again, and a record of each event that was removed or stayed out.
 * SparkPost goes on counting those, and nobody could tell them from others that are missing.
 */

/** How much there is of a recipient. */
export async function recipientExtent(
  queries: Queries,
  dialect: Dialect,
  address: string,
): Promise<Extent> {
  const parameters = new Parameters();
  const { millis } = dialect;
  const [row] = await queries.rows(
    `select count(*) as events, ${millis("min(time)")} as oldest, ${millis("max(time)")} as newest
    from sparky_events.events where ${isTheirs(dialect, address, parameters)}`,
    parameters.values,
  );
  return {
    events: Number(row?.events),
    oldest: row?.oldest ? Number(row.oldest) : undefined,
    newest: row?.newest ? Number(row.newest) : undefined,
  };
}

/**
 * Removes all events of a recipient, and keeps out those from before a moment from now on.
 *
 * @returns number of events removed
 */
export async function forgetRecipient(
  queries: Queries,
  dialect: Dialect,
  address: string,
  moment: number,
): Promise<number> {
  const { newest } = await recipientExtent(queries, dialect, address);
  await discountPeriods(queries, dialect, address);
  const parameters = new Parameters();
  const theirs = isTheirs(dialect, address, parameters);
  await queries.change(
    `insert into sparky_events.forgotten_events (time, identity)
    select time, ${dialect.sha256("identity")} from sparky_events.events where ${theirs}
    on conflict do nothing`,
    parameters.values,
  );
  const removed = await queries.change(
    `delete from sparky_events.events where ${theirs}`,
    parameters.values,
  );
  await queries.change(
    `insert into sparky_events.forgotten (recipient, until) values ($1, $2::${dialect.timeType})
    on conflict (recipient) do update set until = greatest(forgotten.until, excluded.until)`,
    // By a clock that is ahead, an event may be from later than now.
    [hashOfRecipient(address), instant(Math.max(moment, newest === undefined ? 0 : newest + 1))],
  );
  return removed;
}

/** Number of events in each of the ranges that were removed or stayed out. */
export async function countForgotten(
  queries: Queries,
  { millis, timeType }: Dialect,
  ranges: readonly Span[],
): Promise<number[]> {
  const [all] = await queries.rows(
    `select ${millis("min(time)")} as oldest, ${millis("max(time)")} as newest
    from sparky_events.forgotten_events`,
  );
  const counts: number[] = [];
  for (const { start, end } of ranges) {
    const mayHave = all?.oldest && Number(all.oldest) < end && Number(all.newest) >= start;
    const [row] = mayHave
      ? await queries.rows(
          `select count(*) as events from sparky_events.forgotten_events
          where time >= $1::${timeType} and time < $2::${timeType}`,
          [instant(start), instant(end)],
        )
      : [];
    counts.push(Number(row?.events ?? 0));
  }
  return counts;
}

/** Lets go of what is known of those who were forgotten, as far as it is about events before a moment. */
export async function dropForgottenBefore(
  queries: Queries,
  { timeType }: Dialect,
  moment: number,
): Promise<void> {
  for (const condition of ["forgotten where until", "forgotten_events where time"]) {
    await queries.change(`delete from sparky_events.${condition} < $1::${timeType}`, [
      instant(moment),
    ]);
  }
}

/** Whether anybody is forgotten. */
export async function hasForgotten(queries: Queries): Promise<boolean> {
  const rows = await queries.rows("select 1 as found from sparky_events.forgotten limit 1");
  return rows.length > 0;
}

/** As the table `forgotten` has it, from an event's column `rcpt_to`. */
export function personHash({ sha256, foldAscii: fold }: Dialect, recipient: string): string {
  return sha256(fold(recipient));
}

/**
 * The statement that puts events on record which stay out, each once.
 *
 * @param events a query for their columns `time` and `identity`
 */
export function recordingOf({ millis, sha256 }: Dialect, events: string): string {
  const nearby = `interval '${sameEventWithin} milliseconds'`;
  return `insert into sparky_events.forgotten_events (time, identity)
    select time, identity from (
      select time, identity, lag(time) over (partition by identity order by time) as earlier
      from (select time, ${sha256("identity")} as identity from (${events}) as found) as hashed
    ) as fresh
    where (earlier is null or ${millis("time")} - ${millis("earlier")} > ${sameEventWithin})
      and not exists (
        select 1 from sparky_events.forgotten_events as known
        where known.identity = fresh.identity
          and known.time between fresh.time - ${nearby} and fresh.time + ${nearby}
      )
    on conflict do nothing`;
}

/** As `personHash` has it. */
function hashOfRecipient(address: string): string {
  return createHash("sha256")
    .update(foldAscii(keptText(address)))
    .digest("hex");
}

function isTheirs(dialect: Dialect, address: string, parameters: Parameters): string {
  return dialect.isAddress("rcpt_to", [keptText(address)], parameters);
}

/** Takes events that are about to be removed out of the records of periods; what was missing stays missing. */
async function discountPeriods(queries: Queries, dialect: Dialect, address: string): Promise<void> {
  const { millis } = dialect;
  const parameters = new Parameters();
  const leaving = await queries.rows(
    `select name, ${millis("starts_at")} as starts_at, ${millis("ends_at")} as ends_at, count(*) as events
    from sparky_events.periods join (
      select time from sparky_events.events where ${isTheirs(dialect, address, parameters)}
    ) as theirs on time >= starts_at and time < ends_at
    group by name, starts_at, ends_at`,
    parameters.values,
  );
  for (const { name, starts_at, ends_at, events } of leaving) {
    const counting = new Parameters();
    const range = { start: Number(starts_at), end: Number(ends_at) };
    const count = dialect.count(range, {}, counting);
    const [here] = await queries.rows(count, counting.values);
    await queries.change(
      "update sparky_events.periods set events = greatest(events, $2::bigint) - $3::bigint where name = $1",
      [name ?? "", here?.events ?? "0", events ?? "0"],
    );
  }
}
