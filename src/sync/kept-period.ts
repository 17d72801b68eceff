/** What is known about a period that is kept, wherever that is. Times are epoch milliseconds. */
export interface KeptPeriod {
  /** The range that was exported: `from` inclusive, `to` exclusive. */
  readonly from: number;
  readonly to: number;
  /** Number of events. */
  readonly rows: number;
  /** Number of events that were removed or stayed out since their recipients are forgotten; absent for none. */
  readonly forgotten?: number;
  /** What SparkPost counted at the time; null where that is not known. */
  readonly totalCount: number | null;
  readonly exportedAt: number;
  /** `partial`: some events of the period were not there yet, or not any more. */
  readonly state: "complete" | "partial";
  /** Version of the tool that wrote it; null where that is not known. */
  readonly toolVersion: string | null;
}

/** Number of events that SparkPost counts, if it counts what is there. */
export function countable({ rows, forgotten = 0 }: Pick<KeptPeriod, "rows" | "forgotten">): number {
  return rows + forgotten;
}
