import { type Connection, requireConnection } from "../api/client.js";
import { type Search, wholeNumber } from "../api/search.js";
import { readColumns } from "../csv/column-list.js";
import { type Column, type CsvFormat, completeLayout, refuseOthers } from "../csv/csv-layout.js";
import { defaultProperties } from "../csv/default-properties.js";
import { UsageError } from "../errors.js";
import type { ExportOptions } from "../export/export-options.js";
import type { ExportProgress } from "../export/export-progress.js";
import { type FormatName, formatNames } from "../formats/record-format.js";
import { parquetProperties, refuseUnclearNames } from "../parquet/parquet-format.js";
import { defaultRetention, requireRetention } from "../time/retention.js";
import { type ArchiveLayout, archiveLayouts, defaultLayoutOf } from "./archive-schema.js";
import { type PeriodLength, periodLengths } from "./period.js";
import { defaultSettle, mostDaysOf, usualDays } from "./plan.js";
import type { SyncNotice } from "./sync-notice.js";

/** What a run goes by, wherever the events are kept. Durations in milliseconds. */
export interface RunOptions {
  readonly connection: Connection;
  /** How long the host keeps events; `Infinity` for good. Default: 10 days. */
  readonly retention?: number | undefined;
  /** How many days before today are looked at, at most as many as `retention` has. Default: 10. */
  readonly days?: number | undefined;
  /** How long after its end a period counts as complete. Default: 15 min. */
  readonly settle?: number | undefined;
  /** Whether the period that is not over yet is exported too. Default: false. */
  readonly includeUnfinished?: boolean | undefined;
  /** Whether gaps are taken note of, and reported no longer. Default: false. */
  readonly acceptGaps?: boolean | undefined;
  /** Age beyond which what is there is deleted. Default: it is kept for good. */
  readonly keep?: number | undefined;
  /** Called as things happen. */
  readonly onNotice?: ((notice: SyncNotice) => void) | undefined;
  /**
   * Called where SparkPost is not reached, with the beginning (epoch milliseconds) of the oldest period
   * that is still to be exported.
   */
  readonly onUnreachable?: ((oldest: number) => void) | undefined;
  /** Called after each page of the period that is being exported. */
  readonly onProgress?: ((progress: ExportProgress) => void) | undefined;
}

export interface SyncOptions extends RunOptions {
  /** What is searched for; its zone is that of the days. Default: every event, days in UTC. */
  readonly search?: Omit<Search, "from" | "to"> | undefined;
  /** What a file holds of each event, as for `exportEvents`. Default: `csv`. */
  readonly records?: FormatName | undefined;
  /** As for `exportEvents`. */
  readonly columns?: ExportOptions["columns"];
  /** As for `exportEvents`. */
  readonly format?: Partial<CsvFormat> | undefined;
  /** Of the archive; made where it does not exist. */
  readonly folder: string;
  /** What a file holds. Default: `day`. */
  readonly by?: PeriodLength | undefined;
  /**
   * `flat`: `2026-11-19.csv`; `hive`: `date=2026-11-19/events.csv`. Default: `hive` for Parquet, else
   * `flat`.
   */
  readonly layout?: ArchiveLayout | undefined;
  /** Whether the files are gzipped; not for Parquet. Default: false. */
  readonly gzip?: boolean | undefined;
  /**
   * Whether another schema than that of the folder begins a new generation in a subfolder. Default:
   * false.
   */
  readonly newSchema?: boolean | undefined;
}

type Complete<Options> = {
  readonly [Name in keyof Options]-?: Exclude<Options[Name], undefined>;
};
type NeverDefaulted = "keep" | "onNotice" | "onUnreachable" | "onProgress";

/** What a run goes by, with the defaults where nothing is said. */
export type CompleteRunOptions = Pick<RunOptions, NeverDefaulted> &
  Complete<Omit<RunOptions, NeverDefaulted>>;

/** What a run exports of each period, and how. */
export type PeriodOptions = CompleteRunOptions & {
  readonly search: Omit<Search, "from" | "to">;
  readonly records: FormatName;
  readonly columns: readonly Column[];
  readonly format: CsvFormat;
  readonly by: PeriodLength;
};

/** The options, with the defaults where nothing is said. */
export type CompleteSyncOptions = PeriodOptions &
  Complete<Pick<SyncOptions, "folder" | "layout" | "gzip" | "newSchema">>;

/** @throws UsageError naming what has no meaning */
export function completeSyncOptions(given: SyncOptions): CompleteSyncOptions {
  const { folder, records = "csv", by = "day" } = given;
  const { layout = defaultLayoutOf(records), gzip = false } = given;
  const run = completeRunOptions(given);
  if (typeof folder !== "string" || folder === "") {
    throw new UsageError("folder must be the path of a folder.");
  }
  refuseOthers("records", records, formatNames);
  refuseOthers("by", by, periodLengths);
  refuseOthers("layout", layout, archiveLayouts);
  if (gzip && records === "parquet") {
    throw new UsageError("gzip is for text: Parquet is compressed within.");
  }
  const { columns, zone, sentZone, ...format } = completeLayout({
    ...given.format,
    columns: readColumns(given.columns ?? defaultColumnsOf(records)),
  });
  if (records === "parquet") {
    refuseUnclearNames(columns, layout === "hive");
  }
  return {
    ...run,
    folder,
    search: given.search ?? {},
    records,
    columns,
    format,
    by,
    layout,
    gzip,
    newSchema: given.newSchema ?? false,
  };
}

function defaultColumnsOf(records: FormatName): string | readonly string[] {
  return records === "parquet" ? parquetProperties : defaultProperties;
}

/** @throws UsageError naming what has no meaning */
export function completeRunOptions(given: RunOptions): CompleteRunOptions {
  const { connection, settle = defaultSettle, retention = defaultRetention } = given;
  requireConnection(connection);
  requireRetention(retention);
  const { days = Math.min(usualDays, mostDaysOf(retention)) } = given;
  wholeNumber("days", days, mostDaysOf(retention));
  for (const [name, value] of Object.entries({ settle, keep: given.keep ?? 0 })) {
    if (!(typeof value === "number" && value >= 0)) {
      throw new UsageError(`${name} must be a number of milliseconds.`);
    }
  }
  return {
    connection,
    retention,
    days,
    settle,
    includeUnfinished: given.includeUnfinished ?? false,
    acceptGaps: given.acceptGaps ?? false,
    keep: given.keep,
    onNotice: given.onNotice,
    onUnreachable: given.onUnreachable,
    onProgress: given.onProgress,
  };
}
