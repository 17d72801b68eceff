import type { EventStore } from "../store/event-store.js";
import type { Span } from "../time/local-time.js";
import type { TimeSpan } from "../time/retention.js";
import { countable, type KeptPeriod } from "./kept-period.js";
import type { FileCondition } from "./plan.js";

/**
 * What a store has of each period that was put, and whether that is still as much as it was.
 *
 * @param within only those that have a part of it
 */
export async function readStoredPeriods(
  store: EventStore,
  within: TimeSpan = { from: Number.NEGATIVE_INFINITY, to: Number.POSITIVE_INFINITY },
): Promise<{
  records: Map<string, KeptPeriod>;
  conditions: Map<string, FileCondition>;
}> {
  const periods = [...(await store.readPeriods())].filter(
    ([, { from, to }]) => from < within.to && to > within.from,
  );
  const spans = periods.map(([, period]) => spanOf(period));
  const [counts, gone] = [await store.count(spans), await store.countForgotten(spans)];
  const conditions = new Map<string, FileCondition>();
  const records = new Map<string, KeptPeriod>();
  for (const [index, [name, { rows, ...facts }]] of periods.entries()) {
    const here = counts[index] ?? 0;
    conditions.set(name, here < rows ? "damaged" : "good");
    records.set(name, { ...facts, rows: here, forgotten: gone[index] ?? 0 });
  }
  return { records, conditions };
}

/** The time of a period as stores have it. */
export function spanOf({ from, to }: { readonly from: number; readonly to: number }): Span {
  return { start: from, end: to };
}

/** Number of events of each of the periods that SparkPost counts, if it counts what is there. */
export async function countCountable(
  store: EventStore,
  periods: readonly { readonly from: number; readonly to: number }[],
): Promise<number[]> {
  const spans = periods.map(spanOf);
  const [counts, gone] = [await store.count(spans), await store.countForgotten(spans)];
  return counts.map((rows, index) => countable({ rows, forgotten: gone[index] ?? 0 }));
}
