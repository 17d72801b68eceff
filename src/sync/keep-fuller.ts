import { unlink } from "node:fs/promises";
import type { PeriodRecord } from "./manifest.js";
import type { Period } from "./period.js";
import type { FileCondition } from "./plan.js";
import type { StagedPeriod } from "./staged-period.js";
import type { Placing, PutFacts } from "./sync-target.js";

/** The files that periods are kept in. */
interface PeriodFiles {
  readonly records: ReadonlyMap<string, PeriodRecord>;
  /** Number of events in the file of a period, damaged or not; 0 where there is none. */
  countRows(name: string): Promise<number>;
  /** Moves a file to where the one of the period is, or is to be. */
  replace(
    period: Period,
    staged: string,
    facts: Omit<PeriodRecord, "bytes" | "sha256">,
  ): Promise<PeriodRecord>;
}

/**
 * Puts an exported period in its place, unless the file that is there holds more events: SparkPost may
 * have let go of some since, and then only the file has them.
 *
 * @param condition of the file that is there
 */
export async function putUnlessPoorer(
  files: PeriodFiles,
  period: Period,
  { staged, rows, totalCount, state }: StagedPeriod,
  facts: PutFacts,
  condition: FileCondition | undefined,
): Promise<Placing> {
  const before = await rowsInPlace(files, period.name, condition);
  if (rows < before) {
    await unlink(staged);
    return { before, lacking: 0 };
  }
  const record = await files.replace(period, staged, { ...facts, rows, totalCount, state });
  return { before, record, bytes: record.bytes, lacking: 0 };
}

async function rowsInPlace(
  files: PeriodFiles,
  name: string,
  condition: FileCondition | undefined,
): Promise<number> {
  const record = files.records.get(name);
  if (record && condition === "good") {
    return record.rows;
  }
  // Damage can also look like rows that never were.
  const found = await files.countRows(name);
  return record ? Math.min(found, record.rows) : found;
}
