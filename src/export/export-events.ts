import { setMaxListeners } from "node:events";
import type { Writable } from "node:stream";
import {
  ApiClient,
  type ClientStatistics,
  type Connection,
  defaultConcurrency,
} from "../api/client.js";
import { defaultHost, parseHost } from "../api/origin.js";
import { type CompleteSearch, completeSearch, firstPagePath, type Search } from "../api/search.js";
import { requestCount } from "../api/search-events.js";
import { systemClock } from "../clock.js";
import { defaultProperties } from "../config/default-properties.js";
import { parseColumns } from "../csv/column-list.js";
import { type Column, type CsvFormat, type CsvLayout, completeLayout } from "../csv/csv-layout.js";
import { createProjector } from "../csv/projector.js";
import { IncompleteExportError } from "../errors.js";
import { packageVersion } from "../package-version.js";
import { CountClaims, type Shortfall } from "./count-claims.js";
import type { ExportState } from "./export-state.js";
import type { ExportTarget, WrittenOutput } from "./export-target.js";
import type { ExportIdentity } from "./journal.js";
import { openTarget } from "./open-target.js";
import { newSlice, type Slice } from "./slice.js";
import { fetchSlices } from "./slice-fetcher.js";
import { SliceQueue } from "./slice-queue.js";

export interface ExportOptions {
  readonly connection: Connection;
  readonly search: Search;
  /**
   * The columns, as `Properties` has them in the ini file (`timestamp AS time, rcpt_meta.order.id`),
   * or one by one. Default: `defaultProperties`.
   */
  readonly columns?: string | readonly (string | Column)[] | undefined;
  /** How values become CSV. Times are written in the zone of the search. */
  readonly format?: Partial<CsvFormat> | undefined;
  /** Path of a file (gzipped where it ends in `.gz`), or a stream, which is not ended. */
  readonly output: string | Writable;
  /** Whether an existing file is replaced; only when the new one is complete. Default: false. */
  readonly force?: boolean | undefined;
  /** Whether an interrupted export to the same file goes on, where there is one. Default: false. */
  readonly resume?: boolean | undefined;
  /** Called when the output is open, before the first request. */
  readonly onStart?: (() => void) | undefined;
  /** Called after each page. */
  readonly onProgress?: ((progress: ExportProgress) => void) | undefined;
  /** Called after a failure that a later export with `resume` can go on from, with the folder. */
  readonly onKept?: ((folder: string) => void) | undefined;
}

export interface ExportProgress {
  /** Number of events that arrived so far, in an interrupted run before this one too. */
  readonly events: number;
  /** Number of events that SparkPost counts. */
  readonly totalCount: number;
}

export interface ExportResult extends WrittenOutput, Readonly<ClientStatistics> {
  /** Number of events in the output. */
  readonly events: number;
  /** Number of events in the output by event type. */
  readonly eventsByType: ReadonlyMap<string, number>;
  /** Number of events that SparkPost counted in the range, before the first page. */
  readonly totalCount: number;
  /** In milliseconds. */
  readonly duration: number;
}

/**
 * Writes every event that matches a search to a CSV: a header, then a record per event, newest
 * first. The bytes are the same for any `connection.concurrency` (default: 4).
 *
 * A file appears under its name only when it is complete. Until then everything is in a folder
 * beside it whose name ends in `.partial`; it stays there when the export is interrupted or fails,
 * for a later one to go on with (`resume`). Where fewer events arrived than SparkPost counted, what
 * did arrive is kept in a file whose name ends in `.incomplete`.
 *
 * @throws UsageError before any request where the output cannot be written;
 *   KeyRefusedError, RejectedRequestError, ServiceError from the API; OutputError, ClosedPipeError
 *   while writing; IncompleteExportError; or the reason of `connection.signal`
 */
export async function exportEvents(options: ExportOptions): Promise<ExportResult> {
  const search = completeSearch(options.search);
  // What the API has no words for is found out before anything is opened.
  firstPagePath(search);
  const layout = completeLayout({
    ...options.format,
    columns: columnsOf(options.columns ?? defaultProperties),
    zone: search.zone.name,
  });
  const target = await openTarget({
    output: options.output,
    force: options.force ?? false,
    resume: options.resume ?? false,
    identity: identityOf(options.connection, search, layout),
    header: createProjector(layout).header(),
    perPage: search.perPage,
    signal: options.connection.signal,
  });
  try {
    options.onStart?.();
    return await exportTo(target, search, layout, options);
  } catch (error) {
    const kept = await target.abandon();
    if (kept !== undefined) {
      options.onKept?.(kept);
    }
    throw error;
  }
}

async function exportTo(
  target: ExportTarget,
  search: CompleteSearch,
  layout: CsvLayout,
  options: ExportOptions,
): Promise<ExportResult> {
  const { connection } = options;
  const clock = connection.clock ?? systemClock;
  const started = clock.now();
  const stop = linkedController(connection.signal);
  // Pages of the legacy API shift while events arrive, so they cannot be fetched side by side.
  const concurrency = search.api === "events" ? (connection.concurrency ?? defaultConcurrency) : 1;
  const client = new ApiClient({ ...connection, concurrency, signal: stop.signal });
  try {
    const state = target.restored ?? (await planExport(client, search, concurrency));
    const claims = new CountClaims(started);
    const tally = new Tally(state, claims, options.onProgress);
    await target.begin(state);
    await fetchSlices(
      {
        client,
        search,
        queue: state.queue,
        target,
        claims,
        concurrency,
        converter: createProjector(layout),
        onPage: (slice, page) => tally.add(slice, page.eventsByType, page.totalCount),
        onRestart: (slice) => tally.forget(slice),
      },
      stop,
    );
    const shortfall = claims.shortfall(state.queue.slices);
    if (shortfall) {
      throw incomplete(shortfall, await target.keepIncomplete());
    }
    return {
      ...client.statistics,
      ...(await target.commit()),
      events: tally.events,
      eventsByType: tally.eventsByType,
      totalCount: tally.totalCount,
      duration: clock.now() - started,
    };
  } finally {
    await client.close();
    stop.unlink();
  }
}

/** Counts first, where there are several workers to plan for. */
async function planExport(
  client: ApiClient,
  search: CompleteSearch,
  concurrency: number,
): Promise<ExportState> {
  const { from, to, perPage } = search;
  const count = concurrency > 1 ? await requestCount(client, search) : undefined;
  const slices =
    count === undefined ? [newSlice(0, from, to, 0)] : SliceQueue.plan(from, to, count, perPage);
  return {
    queue: new SliceQueue(slices, count ?? 0, perPage),
    count,
    pages: new Map(),
    main: { length: 0, consumed: 0 },
  };
}

/** Counts what is there, slice by slice, since a slice may start over. */
class Tally {
  totalCount: number;
  readonly #bySlice = new Map<Slice, Map<string, number>>();
  readonly #slices: readonly Slice[];
  readonly #onProgress: ((progress: ExportProgress) => void) | undefined;

  /** Counts the pages that are there already, and what SparkPost said about them. */
  constructor(
    state: ExportState,
    claims: CountClaims,
    onProgress: ((progress: ExportProgress) => void) | undefined,
  ) {
    this.totalCount = state.count ?? 0;
    this.#slices = state.queue.slices;
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
    this.#onProgress?.({ events: this.events, totalCount: this.totalCount });
  }

  forget(slice: Slice): void {
    this.#bySlice.delete(slice);
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
  };
}

function columnsOf(columns: string | readonly (string | Column)[]): Column[] {
  return [columns]
    .flat()
    .flatMap((column) => (typeof column === "string" ? parseColumns(column) : [column]));
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

function incomplete(
  { arrived, counted }: Shortfall,
  keptAs: string | undefined,
): IncompleteExportError {
  const kept = keptAs ? ` What arrived is in ${keptAs}.` : "";
  return new IncompleteExportError(
    `The export is not complete: SparkPost counted ${counted.toLocaleString("en-US")} events, but only ${arrived.toLocaleString("en-US")} arrived.`,
    arrived,
    counted,
    {
      hint: `Try again. Events that are about 10 days old may have left SparkPost while the export ran; a later start of the range avoids that.${kept}`,
    },
  );
}
