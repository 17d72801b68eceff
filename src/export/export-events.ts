import { setMaxListeners } from "node:events";
import type { Writable } from "node:stream";
import {
  ApiClient,
  type ClientStatistics,
  type Connection,
  defaultConcurrency,
  requireConnection,
} from "../api/client.js";
import { cutSearch } from "../api/cut-search.js";
import { defaultHost, parseHost } from "../api/origin.js";
import {
  type CompleteSearch,
  completeSearch,
  granularityOf,
  type Search,
  sentZoneOf,
  wholeNumber,
} from "../api/search.js";
import { requestCount } from "../api/search-events.js";
import { systemClock } from "../clock.js";
import { formatCount } from "../count.js";
import { readColumns } from "../csv/column-list.js";
import { type Column, type CsvFormat, type CsvLayout, completeLayout } from "../csv/csv-layout.js";
import { defaultProperties } from "../csv/default-properties.js";
import { createReferenceConverter } from "../csv/reference-converter.js";
import { IncompleteExportError, UsageError } from "../errors.js";
import type { ExportTarget, WrittenOutput } from "../output/export-target.js";
import { describePaths } from "../output/numbered-path.js";
import { openTarget } from "../output/open-target.js";
import { isWorkbook, refuseOtherFormats } from "../output/output-format.js";
import { packageVersion } from "../package-version.js";
import type { ExportState } from "../partial/export-state.js";
import type { ExportIdentity } from "../partial/journal.js";
import { interruptedExport } from "../partial/restore-export.js";
import { CountClaims, type Flaw } from "../slices/count-claims.js";
import { newSlice, type Slice } from "../slices/slice.js";
import { fetchSlices, mostRestarts } from "../slices/slice-fetcher.js";
import { SliceQueue } from "../slices/slice-queue.js";
import {
  defaultRetention,
  expiredPart,
  requireRetention,
  type TimeSpan,
} from "../time/retention.js";
import { refuseTooWide, workbookFormat } from "../workbook/workbook-format.js";
import { type FetchedSearch, type FetchSearchOptions, fetchParts } from "./fetch-parts.js";
import { refuseExpired } from "./refuse-expired.js";

export interface ExportOptions {
  readonly connection: Connection;
  readonly search: Search;
  /**
   * The columns, as `Properties` has them in the ini file (`timestamp AS time, rcpt_meta.order.id`),
   * or one by one. Default: `defaultProperties`.
   */
  readonly columns?: string | readonly (string | Column)[] | undefined;
  /** How values become CSV; of no meaning for a workbook. Times are written in the zone of the search. */
  readonly format?: Partial<CsvFormat> | undefined;
  /**
   * Path of a file, or a stream, which is not ended, and whose errors are the caller's again once the
   * export is over. A file is gzipped where its name ends in `.gz`, and a workbook where that ends in
   * `.xlsx`.
   */
  readonly output: string | Writable;
  /**
   * The most rows in a file, the header aside: further ones go to `name-2.csv`, `name-3.csv`, …, which
   * all begin with the header, and appear together. For files of CSV only. Default: one file.
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
  requireConnection(options.connection);
  if (options.splitRows !== undefined) {
    wholeNumber("splitRows", options.splitRows, Number.MAX_SAFE_INTEGER);
  }
  const search = completeSearch(options.search);
  const workbook = typeof options.output === "string" && isWorkbook(options.output);
  // What the API has no words for is found out before anything is opened.
  const parts = cutSearch(search, options.connection.host);
  const layout = completeLayout({
    ...(workbook ? workbookFormat : options.format),
    columns: readColumns(options.columns ?? defaultProperties),
    zone: search.zone.name,
    sentZone: sentZoneOf(search).name,
  });
  refuseOutput(options, layout);
  const expiry = await expiryOf(search, options);
  const target = await openTarget({
    output: options.output,
    force: options.force ?? false,
    resume: options.resume ?? false,
    identity: identityOf(options.connection, search, layout, options.splitRows),
    header: createReferenceConverter(layout).header(),
    perPage: search.perPage,
    // What is merged of parts is there as a whole.
    mayStartOver: search.api === "message-events" && parts.length === 1,
    splitRows: options.splitRows,
    buildWorkbook: workbook
      ? async (csv, path, events) => {
          const { writeWorkbook } = await import("../workbook/write-workbook.js");
          return writeWorkbook(csv, path, {
            columns: layout.columns,
            signal: options.connection.signal,
            onProgress: (rows) => options.onWorkbook?.({ rows, events }),
          });
        }
      : undefined,
    signal: options.connection.signal,
  });
  try {
    // What seemed to be interrupted may have been at its end, and its file is there.
    const expired = expiry(target.restored?.began);
    options.onStart?.();
    return { ...(await exportTo(target, search, parts, layout, options)), expired };
  } catch (error) {
    const kept = await target.abandon();
    if (kept !== undefined) {
      options.onKept?.(kept);
    }
    throw error;
  }
}

/** @throws UsageError where the output is not for what is to be in it */
function refuseOutput(
  { output, splitRows }: ExportOptions,
  { columns, delimiter }: CsvLayout,
): void {
  if (typeof output !== "string") {
    return;
  }
  refuseOtherFormats(output, delimiter);
  if (isWorkbook(output)) {
    refuseTooWide(columns);
    if (splitRows !== undefined) {
      throw new UsageError(`A workbook is one file: --split-rows ${splitRows} is for CSV.`, {
        hint: "Leave it out: a workbook begins a new sheet where one is full.",
      });
    }
  }
}

/**
 * Tells what of the range was no longer there when the export began, which may have been in an
 * interrupted run before.
 *
 * @returns takes when an interrupted export began that is gone on with, in epoch milliseconds
 * @throws ExpiredRangeError where that is not allowed, and so does what is returned
 */
async function expiryOf(
  search: CompleteSearch,
  { connection, output, retention = defaultRetention, allowExpired, resume, force }: ExportOptions,
): Promise<(began: number | undefined) => TimeSpan | undefined> {
  requireRetention(retention);
  const now = (connection.clock ?? systemClock).now();
  const granularity = granularityOf(search.api);
  const expiry = (began = now) => {
    if (!allowExpired) {
      refuseExpired(search, { now: began, retention });
    }
    return expiredPart(search, { now: began, retention, granularity });
  };
  const isKept = typeof output === "string" && (resume || !force);
  if (expiredPart(search, { now, retention, granularity }) && isKept) {
    expiry((await interruptedExport(output))?.began);
  } else {
    expiry();
  }
  return expiry;
}

async function exportTo(
  target: ExportTarget,
  search: CompleteSearch,
  parts: readonly CompleteSearch[],
  layout: CsvLayout,
  options: ExportOptions,
): Promise<Omit<ExportResult, "expired">> {
  const { connection } = options;
  const clock = connection.clock ?? systemClock;
  const started = clock.now();
  const stop = linkedController(connection.signal);
  // Pages of the legacy API shift while events arrive, so they cannot be fetched side by side.
  const concurrency = search.api === "events" ? (connection.concurrency ?? defaultConcurrency) : 1;
  const client = new ApiClient({ ...connection, concurrency, signal: stop.signal });
  const fetchPart = (part: FetchSearchOptions) => fetchSearch(part, client, stop, started);
  try {
    const whole = {
      target,
      search,
      layout,
      concurrency,
      onProgress: (progress: ExportProgress) => options.onProgress?.(progress),
    };
    const { flaw, ...fetched } =
      parts.length === 1
        ? await fetchPart(whole)
        : await fetchParts({
            ...whole,
            parts,
            began: started,
            client,
            stop,
            openPart: (path, part, partLayout) =>
              openTarget({
                output: path,
                // The parts belong to the export: whether it goes on or begins anew is settled.
                force: true,
                resume: true,
                identity: identityOf(connection, part, partLayout, undefined),
                splitRows: undefined,
                buildWorkbook: undefined,
                header: Buffer.alloc(0),
                perPage: part.perPage,
                mayStartOver: part.api === "message-events",
                signal: stop.signal,
              }),
            fetchPart,
          });
    if (flaw) {
      throw incomplete(flaw, await target.keepIncomplete());
    }
    return {
      ...client.statistics,
      ...(await target.commit()),
      ...fetched,
      duration: clock.now() - started,
    };
  } finally {
    client.close();
    stop.unlink();
  }
}

/** Fetches what one search finds into a target. */
async function fetchSearch(
  { target, search, layout, concurrency, count, onProgress }: FetchSearchOptions,
  client: ApiClient,
  stop: AbortController,
  started: number,
): Promise<FetchedSearch> {
  const state = target.restored ?? (await planExport(client, search, concurrency, count, started));
  const claims = new CountClaims(started);
  const tally = new Tally(state, claims, onProgress);
  await target.begin(state);
  await fetchSlices(
    {
      client,
      search,
      layout,
      queue: state.queue,
      target,
      claims,
      concurrency,
      onPage: (slice, page) => tally.add(slice, page.eventsByType, page.totalCount),
      onRestart: (slice) => tally.forget(slice),
    },
    stop,
  );
  const { slices } = state.queue;
  const { events, resumed, eventsByType } = tally;
  const { from, to } = search;
  if (events > claims.countOf(from, to, slices)) {
    // Events that came in late are in the newest count.
    claims.recount(from, to, await requestCount(client, search));
  }
  const counted = claims.countOf(from, to, slices);
  const surplus = events > counted && claims.isSettled(to);
  const shifted = slices.some((slice) => slice.shifted);
  const flaw: Flaw | undefined = shifted
    ? { kind: "shifted", arrived: events, counted }
    : (claims.shortfall(slices) ??
      (surplus ? { kind: "surplus", arrived: events, counted } : undefined));
  const doubled = new Set(slices.flatMap((slice) => slice.doubled)).size;
  return { events, resumed, eventsByType, totalCount: counted, doubled, flaw };
}

/**
 * Counts first, where there are several workers to plan for.
 *
 * @param known number of events, where they have been counted already
 * @param began epoch milliseconds
 */
async function planExport(
  client: ApiClient,
  search: CompleteSearch,
  concurrency: number,
  known: number | undefined,
  began: number,
): Promise<ExportState> {
  const { from, to, perPage } = search;
  if (concurrency === 1) {
    return {
      began,
      queue: new SliceQueue([newSlice(0, from, to, known ?? 0)], 0, perPage),
      count: known,
      pages: new Map(),
      main: { length: 0, consumed: 0 },
      full: new Map(),
    };
  }
  const count = known ?? (await requestCount(client, search));
  return {
    began,
    queue: new SliceQueue(SliceQueue.plan(from, to, count, perPage, concurrency), count, perPage),
    count,
    pages: new Map(),
    main: { length: 0, consumed: 0 },
    full: new Map(),
  };
}

/** Counts what is there, slice by slice, since a slice may start over. */
class Tally {
  totalCount: number;
  readonly #bySlice = new Map<Slice, Map<string, number>>();
  /** Number of events that were there already. */
  readonly #resumed: Map<Slice, number>;
  readonly #slices: readonly Slice[];
  readonly #onProgress: (progress: ExportProgress) => void;

  /** Counts the pages that are there already, and what SparkPost said about them. */
  constructor(
    state: ExportState,
    claims: CountClaims,
    onProgress: (progress: ExportProgress) => void,
  ) {
    this.totalCount = state.count ?? 0;
    this.#slices = state.queue.slices;
    this.#resumed = new Map(this.#slices.map((slice) => [slice, slice.events]));
    this.#onProgress = onProgress;
    claims.add(this.#slices.at(-1)?.from ?? 0, this.#slices[0]?.to ?? 0, state.count);
    for (const [slice, pages] of state.pages) {
      for (const { eventsByType, totalCount } of pages) {
        claims.add(slice.queryFrom, slice.to, totalCount);
        this.add(slice, new Map(eventsByType), totalCount);
      }
    }
  }

  get events(): number {
    return this.#slices.reduce((sum, { events }) => sum + events, 0);
  }

  get resumed(): number {
    return [...this.#resumed.values()].reduce((sum, events) => sum + events, 0);
  }

  get eventsByType(): Map<string, number> {
    const total = new Map<string, number>();
    for (const counts of this.#bySlice.values()) {
      addCounts(total, counts);
    }
    return total;
  }

  add(
    slice: Slice,
    eventsByType: ReadonlyMap<string, number>,
    totalCount: number | undefined,
  ): void {
    const counts = this.#bySlice.get(slice) ?? new Map<string, number>();
    addCounts(counts, eventsByType);
    this.#bySlice.set(slice, counts);
    // Of a single cursor, the count of its first page is that of the whole range.
    this.totalCount = Math.max(this.totalCount, totalCount ?? 0);
    const { events, resumed } = this;
    this.#onProgress({ events, resumed, totalCount: this.totalCount });
  }

  forget(slice: Slice): void {
    this.#bySlice.delete(slice);
    this.#resumed.delete(slice);
  }
}

function addCounts(total: Map<string, number>, counts: ReadonlyMap<string, number>): void {
  for (const [type, count] of counts) {
    total.set(type, (total.get(type) ?? 0) + count);
  }
}

function identityOf(
  connection: Connection,
  { api, from, to, events, filters }: CompleteSearch,
  { columns, zone, ...format }: CsvLayout,
  splitRows: number | undefined,
): ExportIdentity {
  return {
    version: packageVersion(),
    origin: parseHost(connection.host ?? defaultHost),
    api,
    from,
    to,
    events,
    filters,
    columns,
    format,
    zone,
    splitRows,
  };
}

/** A controller that also aborts when `signal` does. */
function linkedController(signal: AbortSignal | undefined) {
  const controller = new AbortController();
  // Each request and each worker listens.
  setMaxListeners(0, controller.signal);
  const pass = (): void => controller.abort(signal?.reason);
  if (signal?.aborted) {
    pass();
  }
  signal?.addEventListener("abort", pass, { once: true });
  return Object.assign(controller, { unlink: () => signal?.removeEventListener("abort", pass) });
}

function incomplete(flaw: Flaw, keptAs: readonly string[]): IncompleteExportError {
  const kept = keptAs.length > 0 ? ` What arrived is in ${describePaths(keptAs)}.` : "";
  const { message, hint } = flawTexts[flaw.kind](flaw);
  const { arrived, counted } = flaw;
  return new IncompleteExportError(message, arrived, counted, keptAs, { hint: hint + kept });
}

const flawTexts: Record<Flaw["kind"], (flaw: Flaw) => { message: string; hint: string }> = {
  missing: ({ arrived, counted }) => ({
    message: `The export is not complete: SparkPost counted ${formatCount(counted)} events, but only ${formatCount(arrived)} arrived.`,
    hint: "Try again. Events that are about 10 days old may have left SparkPost while the export ran; a later start of the range avoids that.",
  }),
  surplus: ({ arrived, counted }) => ({
    message: `The export is not right: SparkPost counts ${formatCount(counted)} events, but ${formatCount(arrived)} arrived.`,
    hint: "Some are there twice. Try again; with --concurrency 1 there are no ranges that could overlap, and with --per-page 10000 the fewest pages.",
  }),
  shifted: () => ({
    message: `The export is not right: events that came in while it ran shifted the pages of the legacy API, ${mostRestarts + 1} times in a row.`,
    hint: "Some are there twice, and some may be missing. Try again later, or let the range end earlier, when no more events come in.",
  }),
};
