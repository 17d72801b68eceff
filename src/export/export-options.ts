import type { Writable } from "node:stream";
import type { ClientStatistics, Connection } from "../api/client.js";
import type { Search } from "../api/search.js";
import type { Column, CsvFormat } from "../csv/csv-layout.js";
import type { FormatName } from "../formats/record-format.js";
import type { WrittenOutput } from "../output/export-target.js";
import type { TimeSpan } from "../time/retention.js";
import type { ExportProgress, WorkbookProgress } from "./export-progress.js";

export interface ExportOptions {
  readonly connection: Connection;
  readonly search: Search;
  /**
   * `csv`; `jsonl`: an event per line, as SparkPost sends it; or `parquet`, which takes the package
   * `@duckdb/node-api`, and a path that ends in `.parquet`. Default: what the output's name stands for, else
   * `csv`.
   */
  readonly records?: FormatName | undefined;
  /**
   * The columns, as `Properties` has them in the ini file (`timestamp AS time, rcpt_meta.order.id`),
   * or one by one. Default: `defaultProperties`; for Parquet, every documented property and the whole
   * `event`. Of no meaning for JSON lines.
   */
  readonly columns?: string | readonly (string | Column)[] | undefined;
  /** How values become CSV; of no meaning for others, and workbooks. Times are written in the zone of the search. */
  readonly format?: Partial<CsvFormat> | undefined;
  /**
   * Path of a file, or a stream, which is not ended, and whose errors are the caller's again once the
   * export is over. A file is gzipped where its name ends in `.gz`, and a workbook where that ends in
   * `.xlsx`.
   */
  readonly output: string | Writable;
  /**
   * The most rows in a file, the header aside: further ones go to `name-2.csv`, `name-3.csv`, …, which
   * all begin with the header of CSV, and appear together. Not for a workbook. Default: one file.
   */
  readonly splitRows?: number | undefined;
  /** Whether an existing file is replaced; only when the new one is complete. Default: false. */
  readonly force?: boolean | undefined;
  /** Whether an interrupted export to the same file goes on, where there is one. Default: false. */
  readonly resume?: boolean | undefined;
  /** How long the host keeps events, in milliseconds; `Infinity` for good. Default: 10 days. */
  readonly retention?: number | undefined;
  /** Whether a range that begins before that is exported as far as it is there. Default: false. */
  readonly allowExpired?: boolean | undefined;
  /** Called when the output is open, before the first request. */
  readonly onStart?: (() => void) | undefined;
  /** Called after each page. */
  readonly onProgress?: ((progress: ExportProgress) => void) | undefined;
  /** Called while a workbook is made, when all events are there. */
  readonly onWorkbook?: ((progress: WorkbookProgress) => void) | undefined;
  /** Called after a failure that a later export with `resume` can go on from, with the folder. */
  readonly onKept?: ((folder: string) => void) | undefined;
}

export interface ExportResult extends WrittenOutput, Readonly<ClientStatistics> {
  /** Number of events in the output. */
  readonly events: number;
  /** Number of those that had arrived in an interrupted run before this one. */
  readonly resumed: number;
  /** Number of events in the output by event type. */
  readonly eventsByType: ReadonlyMap<string, number>;
  /** Number of events that SparkPost counted in the range. */
  readonly totalCount: number;
  /** Number of events that SparkPost sent twice, on pages that meet; they are in the output twice. */
  readonly doubled: number;
  /** What of the range SparkPost no longer kept, in epoch milliseconds; absent where it kept all. */
  readonly expired: TimeSpan | undefined;
  /** In milliseconds. */
  readonly duration: number;
}
