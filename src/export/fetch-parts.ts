import { mkdir } from "node:fs/promises";
import type { CompleteSearch } from "../api/search.js";
import { requestCounts } from "../api/search-events.js";
import { checksumOfFile } from "../checksum.js";
import { forEachConcurrently } from "../for-each-concurrently.js";
import type { RecordFormat } from "../formats/record-format.js";
import type { ExportTarget, OpenExport } from "../output/export-target.js";
import { outputError } from "../output/output-error.js";
import { type ExportState, newState, type PartsState } from "../partial/export-state.js";
import type { PartEntry } from "../partial/journal-entry.js";
import { partIn } from "../partial/partial-names.js";
import { newSlice } from "../slices/slice.js";
import { SliceQueue } from "../slices/slice-queue.js";
import {
  type FetchedSearch,
  type FetchSearchOptions,
  fetchSearch,
  planSearch,
} from "./fetch-search.js";
import { mergeInto } from "./merge-into.js";
import { PartsProgress } from "./parts-progress.js";
import { runTarget } from "./run-target.js";
import { sumParts } from "./sum-parts.js";

export interface FetchPartsOptions extends FetchSearchOptions {
  /** Searches whose events are disjoint, and together those of the search. */
  readonly parts: readonly CompleteSearch[];
  /** Opens a file for a part, going on with what is there of it. */
  readonly openPart: (
    path: string,
    search: CompleteSearch,
    format: RecordFormat,
  ) => Promise<ExportTarget>;
}

/**
 * How the fetching of a search in parts begins. What leaves SparkPost before the turn of a part has come
 * could not be missed without a count.
 */
export async function planParts({
  client,
  parts,
  concurrency,
  search,
  began,
}: FetchPartsOptions): Promise<ExportState> {
  const counts = await requestCounts(client, parts, concurrency);
  const count = counts.reduce((sum, part) => sum + part, 0);
  const { from, to, perPage } = search;
  // What is merged comes in chunks into a single slice.
  const queue = new SliceQueue([newSlice(0, from, to, count)], count, perPage);
  const state = newState(began, queue, count);
  return { ...state, parts: { total: parts.length, counts, done: new Map() } };
}

/**
 * Fetches a search part by part, each into a file of its own, and then merges these.
 * After an interruption, complete parts are not fetched again, others go on where they were, and so
 * does the merging.
 *
 * @throws what the first failing part threw; DamagedExportError; OutputError
 */
export async function fetchParts(
  open: OpenExport,
  { began, queue, parts }: ExportState,
  options: FetchPartsOptions,
): Promise<FetchedSearch> {
  if (!parts) {
    throw new Error("the export is not one of parts");
  }
  const resumed = await fetchMissing(open, { ...options, countedAt: began }, parts);
  options.stop.signal.throwIfAborted();
  const done = [...parts.done.values()];
  for (const slice of queue.slices) {
    await mergeInto(open, slice, done, options.format.parts, options.stop.signal);
  }
  return { ...sumParts(done), resumed };
}

/** @returns how many events an interrupted run before this one had fetched */
async function fetchMissing(
  open: OpenExport,
  options: FetchPartsOptions,
  state: PartsState,
): Promise<number> {
  const { parts, concurrency, stop } = options;
  await makeFolder(open.partsFolder);
  const missing = [...parts.keys()].filter((part) => !state.done.has(part));
  for (const part of missing.filter((part) => state.counts[part] === 0)) {
    state.done.set(part, nothingIn(part));
  }
  const waiting = missing.filter((part) => !state.done.has(part));
  const most = Math.min(concurrency, Math.max(1, waiting.length));
  const workers = Math.max(1, Math.floor(concurrency / most));
  const progress = new PartsProgress(state, options.onProgress);
  let recorded: Promise<void> | undefined;
  await forEachConcurrently(most, waiting, async (part) => {
    try {
      stop.signal.throwIfAborted();
      const path = partIn(open.partsFolder, part);
      const count = state.counts[part];
      const entry = await fetchOne(options, part, path, workers, count, (reached) => {
        const { total, counts } = state;
        recorded ??= open.addParts({ type: "parts", total, counts });
        // Whoever completes a part hears of a failure.
        recorded.catch(() => {});
        progress.update(part, reached);
      });
      await recorded;
      await open.addParts(entry);
      state.done.set(part, entry);
    } catch (error) {
      stop.abort(error);
      throw error;
    }
  });
  return progress.sum.resumed;
}

async function fetchOne(
  options: FetchPartsOptions,
  part: number,
  path: string,
  concurrency: number,
  count: number | undefined,
  onProgress: FetchSearchOptions["onProgress"],
): Promise<PartEntry> {
  const search = options.parts[part];
  if (!search) {
    throw new Error(`there is no part ${part}`);
  }
  const format = options.format.parts.format();
  const own = { ...options, search, format, concurrency, onProgress };
  const target = await options.openPart(path, search, format);
  return runTarget(target, async (begin) => {
    const state = target.restored ?? (await planSearch(own, count));
    const open = await begin(state);
    const { eventsByType, resumed, ...fetched } = await fetchSearch(open, state, own);
    const { bytes } = await open.commit();
    return {
      type: "part",
      part,
      ...fetched,
      eventsByType: [...eventsByType],
      bytes,
      checksum: await checksumOfFile(path),
    };
  });
}

function nothingIn(part: number): PartEntry {
  return {
    type: "part",
    part,
    events: 0,
    eventsByType: [],
    totalCount: 0,
    doubled: 0,
    flaw: undefined,
    bytes: 0,
    checksum: "",
  };
}

async function makeFolder(path: string): Promise<void> {
  try {
    await mkdir(path, { recursive: true, mode: 0o700 });
  } catch (error) {
    throw outputError(error, path);
  }
}
