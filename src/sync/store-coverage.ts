import type { EventStore, LoadedPeriod } from "../store/event-store.js";
import type { Coverage } from "../time/coverage.js";
import type { TimeSpan } from "../time/retention.js";
import { unitLength } from "../time/units.js";
import { readStoredPeriods } from "./stored-periods.js";

/**
 * Tells for what of a range a store has every event that SparkPost counted.
 *
 * @param now what is later has not happened
 */
export async function coverageOf(
  store: EventStore,
  range: TimeSpan,
  now: number,
): Promise<Coverage> {
  const { since } = await store.readFacts();
  const { records, conditions } = await readStoredPeriods(store, range);
  const good = [...records].filter(([name]) => conditions.get(name) === "good");
  return coverageBy({ since, periods: good.map(([, record]) => record) }, range, now);
}

/** What syncs have put on record. */
export interface SyncRecords {
  /** Where the store begins, epoch milliseconds. */
  readonly since: number | undefined;
  readonly periods: readonly Pick<LoadedPeriod, "from" | "to" | "state">[];
}

export async function readSyncRecords(store: EventStore): Promise<SyncRecords> {
  const { since } = await store.readFacts();
  return { since, periods: [...(await store.readPeriods()).values()] };
}

/** The same by the records alone: whether all that they tell of is still there is not looked at. */
export function coverageBy(
  { since, periods }: SyncRecords,
  { from, to }: TimeSpan,
  now: number,
): Coverage {
  const whole = periods
    .filter((record) => {
      const dayEnd = (Math.floor(record.from / unitLength.day) + 1) * unitLength.day;
      // What was there of a day that was not over is whole as far as it goes.
      return record.state === "complete" || record.to < dayEnd;
    })
    .sort((a, b) => a.from - b.from);
  const end = Math.min(to, now);
  const missing: TimeSpan[] = [];
  let reached = Math.max(from, since ?? end);
  for (const record of whole) {
    if (record.from > reached && reached < end) {
      missing.push({ from: reached, to: Math.min(record.from, end) });
    }
    reached = Math.max(reached, record.to);
  }
  if (reached < end) {
    missing.push({ from: reached, to: end });
  }
  return { missing, unproven: from < (since ?? end) };
}
