import { unlink } from "node:fs/promises";
import type { PeriodRecord } from "./manifest.js";
import type { Period } from "./period.js";
import type { FileCondition } from "./plan.js";
import type { StagedPeriod } from "./staged-period.js";
import type { SyncTarget } from "./sync-target.js";

/** What became of an exported period: its record where it was put in place, and absent where not. */
export interface Placing {
  /** Number of events that were there before. */
  readonly before: number;
  readonly record?: PeriodRecord;
}

/**
 * Puts an exported period in its place, unless the file that is there holds more events: SparkPost may
 * have let go of some since, and then only the file has them.
 *
 * @param condition of the file that is there
 */
export async function putUnlessPoorer(
  target: SyncTarget,
  period: Period,
  condition: FileCondition | undefined,
  { staged, rows, totalCount, state }: StagedPeriod,
  facts: Pick<PeriodRecord, "from" | "to" | "exportedAt" | "toolVersion">,
): Promise<Placing> {
  const before = await rowsInPlace(target, period.name, condition);
  if (rows < before) {
    await unlink(staged);
    return { before };
  }
  const record = await target.put(period, staged, { ...facts, rows, totalCount, state });
  return { before, record };
}

async function rowsInPlace(
  target: SyncTarget,
  name: string,
  condition: FileCondition | undefined,
): Promise<number> {
  const record = target.records.get(name);
  if (record && condition === "good") {
    return record.rows;
  }
  // Damage can also look like rows that never were.
  const found = await target.countRows(name);
  return record ? Math.min(found, record.rows) : found;
}
