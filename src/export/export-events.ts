import type { Writable } from "node:stream";
import {
  ApiClient,
  type ClientStatistics,
  type Connection,
  defaultConcurrency,
  requireConnection,
} from "../api/client.js";
import { cutSearch } from "../api/cut-search.js";
import { type CompleteSearch, completeSearch, type Search, wholeNumber } from "../api/search.js";
import { systemClock } from "../clock.js";
import type { Column, CsvFormat } from "../csv/csv-layout.js";
import type { FormatName, RecordFormat } from "../formats/record-format.js";
import { linkedController } from "../linked-controller.js";
import type { ExportTarget, WrittenOutput } from "../output/export-target.js";
import { openTarget } from "../output/open-target.js";
import type { ExportState } from "../partial/export-state.js";
import type { Flaw } from "../slices/count-claims.js";
import { defaultRetention, requireRetention, type TimeSpan } from "../time/retention.js";
import { chooseFormat } from "./choose-format.js";
import { identityOf } from "./export-identity.js";
import type { ExportProgress, WorkbookProgress } from "./export-progress.js";
import { fetchParts, planParts } from "./fetch-parts.js";
import { fetchSearch, planSearch } from "./fetch-search.js";
import { incompleteError } from "./incomplete-error.js";
import { expiryOf } from "./range-expiry.js";
import { runTarget } from "./run-target.js";

export interface ExportOptions {
  readonly connection: Connection;
  readonly search: Search;
  /**
   * `csv`, or `jsonl`: an event per line, as SparkPost sends it. Default: what the output's name stands
   * for, else `csv`.
   */
  readonly records?: FormatName | undefined;
  /**
   * The columns, as `Properties` has them in the ini file (`timestamp AS time, rcpt_meta.order.id`),
   * or one by one. Default: `defaultProperties`. Of no meaning for JSON lines.
   */
  readonly columns?: string | readonly (string | Column)[] | undefined;
  /** How values become CSV; of no meaning for a workbook and JSON lines. Times are written in the zone of the search. */
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

/**
 * Writes every event that matches a search to a CSV: a header, then a record per event, newest
 * first. The bytes are the same for any `connection.concurrency` (default: 4).
 *
 * Where the lists of the search are too long for one request, it is made into several whose events
 * are merged; that takes up to three times the size of the output on disk.
 *
 * A file appears under its name only when it is complete. Until then everything is in a folder
 * beside it whose name ends in `.partial`; it stays there when the export is interrupted or fails,
 * for a later one to go on with (`resume`). Where fewer events arrived than SparkPost counted, or
 * more, what did arrive is kept in a file whose name ends in `.incomplete`.
 *
 * @throws before any request: ExpiredRangeError where the range begins more than an hour before what
 *   SparkPost keeps; UsageError where an option has no meaning, the output cannot be written, or lists
 *   that match by keyword are too long for one request; BusyError where another run writes the file;
 *   then KeyRefusedError, RejectedRequestError, ServiceError from the API; OutputError, ClosedPipeError
 *   while writing; IncompleteExportError; or the reason of `connection.signal`
 */
export async function exportEvents(options: ExportOptions): Promise<ExportResult> {
  const { connection, output, splitRows, resume = false, force = false } = options;
  requireConnection(connection);
  if (splitRows !== undefined) {
    wholeNumber("splitRows", splitRows, Number.MAX_SAFE_INTEGER);
  }
  const search = completeSearch(options.search);
  // What the API has no words for is found out before anything is opened.
  const parts = cutSearch(search, connection.host);
  const { format, workbookColumns } = chooseFormat(options, search);
  const { retention = defaultRetention } = options;
  requireRetention(retention);
  const expiry = await expiryOf(search, {
    now: (connection.clock ?? systemClock).now(),
    retention,
    allowExpired: options.allowExpired ?? false,
    interrupted: typeof output === "string" && (resume || !force) ? output : undefined,
  });
  const target = await openTarget({
    output,
    force,
    resume,
    identity: identityOf(connection, search, format, splitRows),
    format,
    perPage: search.perPage,
    // What is merged of parts is there as a whole.
    mayStartOver: search.api === "message-events" && parts.length === 1,
    splitRows,
    buildWorkbook: workbookColumns
      ? async (csv, path, events) => {
          const { writeWorkbook } = await import("../workbook/write-workbook.js");
          return writeWorkbook(csv, path, {
            columns: workbookColumns,
            signal: connection.signal,
            onProgress: (rows) => options.onWorkbook?.({ rows, events }),
          });
        }
      : undefined,
    signal: connection.signal,
  });
  const outcome = await runTarget(
    target,
    async (begin) => {
      // What seemed to be interrupted may have been at its end, and its file is there.
      const expired = expiry(target.restored?.began);
      options.onStart?.();
      return {
        expired,
        ...(await exportTo(target.restored, begin, search, parts, format, options)),
      };
    },
    options.onKept,
  );
  if ("flaw" in outcome) {
    throw incompleteError(outcome.flaw, outcome.keptAs);
  }
  return outcome;
}

/** What arrived, where that is not what should have. */
interface Incomplete {
  readonly flaw: Flaw;
  /** Paths of what is kept of it. */
  readonly keptAs: readonly string[];
}

async function exportTo(
  restored: ExportState | undefined,
  begin: ExportTarget["begin"],
  search: CompleteSearch,
  parts: readonly CompleteSearch[],
  format: RecordFormat,
  options: ExportOptions,
): Promise<Omit<ExportResult, "expired"> | Incomplete> {
  const { connection, retention = defaultRetention } = options;
  const clock = connection.clock ?? systemClock;
  const began = clock.now();
  const stop = linkedController(connection.signal);
  // Pages of the legacy API shift while events arrive, so they cannot be fetched side by side.
  const concurrency = search.api === "events" ? (connection.concurrency ?? defaultConcurrency) : 1;
  const client = new ApiClient({ ...connection, concurrency, signal: stop.signal });
  const onProgress = (progress: ExportProgress) => options.onProgress?.(progress);
  const whole = { client, search, format, concurrency, began, retention, stop, onProgress };
  const inParts = {
    ...whole,
    parts,
    openPart: (path: string, part: CompleteSearch, partFormat: RecordFormat) =>
      openTarget({
        output: path,
        // The parts belong to the export: whether it goes on or begins anew is settled.
        force: true,
        resume: true,
        identity: identityOf(connection, part, partFormat, undefined),
        splitRows: undefined,
        buildWorkbook: undefined,
        format: partFormat,
        perPage: part.perPage,
        mayStartOver: part.api === "message-events",
        signal: stop.signal,
      }),
  };
  const isWhole = parts.length === 1;
  try {
    const state = restored ?? (await (isWhole ? planSearch(whole) : planParts(inParts)));
    const open = await begin(state);
    const { flaw, ...fetched } = await (isWhole
      ? fetchSearch(open, state, whole)
      : fetchParts(open, state, inParts));
    if (flaw) {
      return { flaw, keptAs: await open.keepIncomplete() };
    }
    return {
      ...client.statistics,
      ...(await open.commit()),
      ...fetched,
      duration: clock.now() - began,
    };
  } finally {
    client.close();
    stop.unlink();
  }
}
