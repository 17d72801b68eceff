/** What is known about a period that is kept, wherever that is. Times are epoch milliseconds. */
export interface KeptPeriod {
  /** The range that was exported: `from` inclusive, `to` exclusive. */
  readonly from: number;
  readonly to: number;
  /** Number of events. */
  readonly rows: number;
  /** What SparkPost counted at the time; null where that is not known. */
  readonly totalCount: number | null;
  readonly exportedAt: number;
  /** `partial`: some events of the period were not there yet, or not any more. */
  readonly state: "complete" | "partial";
  /** Version of the tool that wrote it; null where that is not known. */
  readonly toolVersion: string | null;
}
