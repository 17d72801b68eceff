import type { ApiClient } from "../api/client.js";
import { type CompleteSearch, granularityOf } from "../api/search.js";
import { requestCount } from "../api/search-events.js";
import type { RecordFormat } from "../formats/record-format.js";
import { type ExportState, newState } from "../partial/export-state.js";
import { CountClaims, type Flaw } from "../slices/count-claims.js";
import { mayHideLoss, type SinceCount } from "../slices/hidden-loss.js";
import type { PageSink } from "../slices/page-sink.js";
import { newSlice } from "../slices/slice.js";
import { fetchSlices } from "../slices/slice-fetcher.js";
import { SliceQueue } from "../slices/slice-queue.js";
import { leavingMargin, oldestKept } from "../time/retention.js";
import type { ExportProgress } from "./export-progress.js";
import { Tally } from "./tally.js";

/** What there is of a search when all of it was fetched. */
export interface FetchedSearch {
  readonly events: number;
  /** Number of those that an interrupted run before this one had fetched. */
  readonly resumed: number;
  readonly eventsByType: ReadonlyMap<string, number>;
  /** Number of events that SparkPost counted. */
  readonly totalCount: number;
  /** Number of events that came twice, on pages that meet. */
  readonly doubled: number;
  /** Absent where what arrived is what should have. */
  readonly flaw: Flaw | undefined;
}

export interface FetchSearchOptions {
  readonly client: ApiClient;
  readonly search: CompleteSearch;
  readonly format: RecordFormat;
  readonly concurrency: number;
  /** When this run began, epoch milliseconds. */
  readonly began: number;
  /**
   * When the events that the search begins with were counted, epoch milliseconds. Default: when its first
   * run began.
   */
  readonly countedAt?: number | undefined;
  /** How long the host keeps events, in milliseconds. */
  readonly retention: number;
  /** Aborted when a request fails, so that the others stop too. */
  readonly stop: AbortController;
  readonly onProgress: (progress: ExportProgress) => void;
}

/**
 * How the fetching of a search begins. Counts first, where there are several workers to plan for.
 *
 * @param known number of events, where they have been counted already
 */
export async function planSearch(
  {
    client,
    search,
    concurrency,
    began,
  }: Pick<FetchSearchOptions, "client" | "search" | "concurrency" | "began">,
  known?: number,
): Promise<ExportState> {
  const { from, to, perPage } = search;
  if (concurrency === 1) {
    return newState(began, new SliceQueue([newSlice(0, from, to, known ?? 0)], 0, perPage), known);
  }
  const count = known ?? (await requestCount(client, search));
  const slices = SliceQueue.plan(from, to, count, perPage, concurrency);
  return newState(began, new SliceQueue(slices, count, perPage), count);
}

/** Fetches what one search finds. */
export async function fetchSearch(
  sink: PageSink,
  state: ExportState,
  options: FetchSearchOptions,
): Promise<FetchedSearch> {
  const { client, search, format, concurrency, began, stop, onProgress } = options;
  const isUnproven = mayHideLoss(state.queue.slices, sinceCount(state, options));
  const claims = new CountClaims(began);
  const tally = new Tally(state, claims, onProgress);
  await fetchSlices(
    {
      client,
      search,
      format,
      queue: state.queue,
      sink,
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
  const flawOf = (kind: Flaw["kind"]): Flaw => ({ kind, arrived: events, counted });
  const flaw = shifted
    ? flawOf("shifted")
    : (claims.shortfall(slices) ??
      (isUnproven ? flawOf("unproven") : surplus ? flawOf("surplus") : undefined));
  const doubled = new Set(slices.flatMap((slice) => slice.doubled)).size;
  return { events, resumed, eventsByType, totalCount: counted, doubled, flaw };
}

function sinceCount(
  state: ExportState,
  { search, began, retention, countedAt = state.began }: FetchSearchOptions,
): SinceCount {
  const granularity = granularityOf(search.api);
  return {
    countedAt,
    keptThen: oldestKept({ now: countedAt, retention, granularity }),
    keptNow: oldestKept({ now: began, retention, granularity }) - leavingMargin,
  };
}
