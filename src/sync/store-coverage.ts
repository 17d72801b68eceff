import type { EventStore } from "../store/event-store.js";
import type { TimeSpan } from "../time/retention.js";
import { unitLength } from "../time/units.js";
import { readStoredPeriods } from "./stored-periods.js";

/** What a store cannot answer for, of a range. Times are epoch milliseconds. */
export interface StoreCoverage {
  /** What no sync has brought, or not all of, oldest first. */
  readonly missing: readonly TimeSpan[];
  /** Whether some of it is from before the first sync, so that nobody has compared it with a count. */
  readonly unproven: boolean;
}

/**
 * Tells for what of a range a store has every event that SparkPost counted.
 *
 * @param now what is later has not happened
 */
export async function coverageOf(
  store: EventStore,
  { from, to }: TimeSpan,
  now: number,
): Promise<StoreCoverage> {
  const { since } = await store.readFacts();
  const { records, conditions } = await readStoredPeriods(store);
  const whole = [...records]
    .filter(([name, record]) => {
      const dayEnd = (Math.floor(record.from / unitLength.day) + 1) * unitLength.day;
      // What was there of a day that was not over is whole as far as it goes.
      const isWhole = record.state === "complete" || record.to < dayEnd;
      return isWhole && conditions.get(name) === "good";
    })
    .map(([, record]) => record)
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
