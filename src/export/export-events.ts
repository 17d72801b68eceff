import { ApiClient, defaultConcurrency, requireConnection } from "../api/client.js";
import { cutSearch } from "../api/cut-search.js";
import { type CompleteSearch, completeSearch, wholeNumber } from "../api/search.js";
import { systemClock } from "../clock.js";
import type { RecordFormat } from "../formats/record-format.js";
import { linkedController } from "../linked-controller.js";
import type { ExportTarget } from "../output/export-target.js";
import { openTarget } from "../output/open-target.js";
import type { ExportState } from "../partial/export-state.js";
import type { Flaw } from "../slices/count-claims.js";
import { defaultRetention, requireRetention } from "../time/retention.js";
import { chooseFormat } from "./choose-format.js";
import { identityOf } from "./export-identity.js";
import type { ExportOptions, ExportResult } from "./export-options.js";
import type { ExportProgress } from "./export-progress.js";
import { fetchParts, planParts } from "./fetch-parts.js";
import { fetchSearch, planSearch } from "./fetch-search.js";
import { incompleteError } from "./incomplete-error.js";
import { openConversion } from "./open-conversion.js";
import { expiryOf } from "./range-expiry.js";
import { runTarget } from "./run-target.js";

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
  const { format, product } = chooseFormat(options, search);
  const conversion = product && (await openConversion(product, options));
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
    conversion,
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
    throw incompleteError(outcome.flaw, outcome.keptAs, connection);
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
        conversion: undefined,
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
