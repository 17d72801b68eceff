import type { PeriodRecord } from "./manifest.js";
import type { Period } from "./period.js";
import type { FileCondition } from "./plan.js";

/** Where an archive is kept, period by period, and what remembers what is there. */
export interface SyncTarget {
  /** By name of the period. */
  readonly records: ReadonlyMap<string, PeriodRecord>;
  /** Where the archive begins, epoch milliseconds; absent for a new one. */
  readonly since: number | undefined;
  /** Names of periods. */
  readonly acceptedGaps: readonly string[];
  /**
   * Path of a file that a period is exported to before it is put; an interrupted export goes on there.
   *
   * @param whole whether all of the period is expected to be in it
   */
  stagingPath(name: string, whole: boolean): string;
  /**
   * Compares what is there with its records: its size, and its checksum too where that is asked for.
   */
  inspect(thoroughly: (name: string) => boolean): Promise<Map<string, FileCondition>>;
  /** Number of events that are there for a period, damaged or not; 0 where nothing is. */
  countRows(name: string): Promise<number>;
  /** Number of events in a file that a period was exported to. */
  countStaged(path: string): Promise<number>;
  /**
   * Puts an exported period in its place, all at once, and removes what was there.
   *
   * @param staged path of the file, which is moved
   * @returns what is known about it now
   */
  put(
    period: Period,
    staged: string,
    facts: Omit<PeriodRecord, "bytes" | "sha256">,
  ): Promise<PeriodRecord>;
  /** Forgets periods, and removes their files, before a new beginning of the archive. */
  remove(names: readonly string[], since: number): Promise<void>;
  setAcceptedGaps(names: readonly string[]): Promise<void>;
  /** Lets go of the target. */
  close(): Promise<void>;
}
