/** How far an export is. */
export interface ExportProgress {
  /** Number of events that arrived so far, in an interrupted run before this one too. */
  readonly events: number;
  /** Number of those that arrived in an interrupted run before this one. */
  readonly resumed: number;
  /** Number of events that SparkPost counts. */
  readonly totalCount: number;
}

export interface WorkbookProgress {
  /** Number of events that are in the workbook. */
  readonly rows: number;
  /** Number of events that are to be in it. */
  readonly events: number;
}
