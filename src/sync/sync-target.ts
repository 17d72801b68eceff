import type { KeptPeriod } from "./kept-period.js";
import type { Period } from "./period.js";
import type { FileCondition } from "./plan.js";
import type { StagedPeriod, StagingPlace } from "./staged-period.js";

/** Where an archive is kept, period by period, and what remembers what is there. */
export interface SyncTarget extends StagingPlace {
  /** By name of the period. */
  readonly records: ReadonlyMap<string, KeptPeriod>;
  /** Where the archive begins, epoch milliseconds; absent for a new one. */
  readonly since: number | undefined;
  /** Names of periods. */
  readonly acceptedGaps: readonly string[];
  /** Whether what is put is added to what is there, rather than replacing it. */
  readonly adds: boolean;
  /** Whether it takes long enough to put a period that the next one is exported meanwhile. */
  readonly putsMeanwhile: boolean;
  /** Where a period is to be found, for people. */
  pathOf(name: string): string;
  /**
   * Compares what is there with its records: its size, and its checksum too where that is asked for.
   */
  inspect(thoroughly: (name: string) => boolean): Promise<Map<string, FileCondition>>;
  /**
   * The parts of a period that have to be exported, oldest first, for all of it to be there.
   *
   * @param count asks SparkPost for the number of events in each of some periods
   */
  missingParts(
    period: Period,
    count: (periods: readonly Period[]) => Promise<number[]>,
  ): Promise<readonly Period[]>;
  /**
   * Puts what was exported of a period in its place, all at once, unless more would be lost by it than
   * won. Takes the files of the parts away.
   *
   * @param parts of what `missingParts` named
   * @param condition of what is there
   */
  put(
    period: Period,
    parts: readonly StagedPeriod[],
    facts: PutFacts,
    condition: FileCondition | undefined,
  ): Promise<Placing>;
  /**
   * Drops the records of periods, and removes what is there of them, or in a store all that is from
   * before a new beginning of the archive.
   *
   * @returns number of events removed, where that is known
   */
  remove(names: readonly string[], since: number): Promise<number | undefined>;
  setAcceptedGaps(names: readonly string[]): Promise<void>;
  /** Lets go of the target. */
  close(): Promise<void>;
}

export type PutFacts = Pick<KeptPeriod, "from" | "to" | "exportedAt" | "toolVersion">;

/** What became of an exported period. */
export interface Placing {
  /** Number of events that were there before. */
  readonly before: number;
  /** Absent where what is there holds more, and stays. */
  readonly record?: KeptPeriod;
  /** Size of its file; absent where it has none of its own. */
  readonly bytes?: number;
  /** Number of events that SparkPost counted, and that are not there for all that came. */
  readonly lacking: number;
}
