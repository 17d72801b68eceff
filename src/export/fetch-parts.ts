import { mkdir } from "node:fs/promises";
import type { CompleteSearch } from "../api/search.js";
import { requestCounts } from "../api/search-events.js";
import { atOnce } from "../at-once.js";
import { checksumOf, checksumOfFile } from "../checksum.js";
import type { Column, CsvLayout } from "../csv/csv-layout.js";
import type { ExportTarget, OpenExport } from "../output/export-target.js";
import { outputError } from "../output/output-error.js";
import { requireSame } from "../partial/audit.js";
import { type ExportState, newState, type PartsState } from "../partial/export-state.js";
import type { PartEntry } from "../partial/journal.js";
import { partIn } from "../partial/partial-names.js";
import type { Flaw } from "../slices/count-claims.js";
import { addPage, newSlice, type Slice } from "../slices/slice.js";
import { SliceQueue } from "../slices/slice-queue.js";
import { unlessAborted } from "../unless-aborted.js";
import type { ExportProgress } from "./export-progress.js";
import {
  type FetchedSearch,
  type FetchSearchOptions,
  fetchSearch,
  planSearch,
} from "./fetch-search.js";
import { mergeParts } from "./merge-parts.js";
import { runTarget } from "./run-target.js";

export interface FetchPartsOptions extends FetchSearchOptions {
  /** Searches whose events are disjoint, and together those of the search. */
  readonly parts: readonly CompleteSearch[];
  /** Opens a file for a part: without a header, going on with what is there of it. */
  readonly openPart: (
    path: string,
    search: CompleteSearch,
    layout: CsvLayout,
  ) => Promise<ExportTarget>;
}

/** Comes first in the files of parts, for the merging: SparkPost's own text, whatever the format. */
const mergeColumn: Column = { header: "", path: ["timestamp"], asSent: true };

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
  // What is merged comes page by page, like an export of a single slice.
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
  { queue, parts }: ExportState,
  options: FetchPartsOptions,
): Promise<FetchedSearch> {
  if (!parts) {
    throw new Error("the export is not one of parts");
  }
  const resumed = await fetchMissing(open, options, parts);
  options.stop.signal.throwIfAborted();
  const fetched = { ...sumUp([...parts.done.values()]), resumed };
  for (const slice of queue.slices) {
    await mergeInto(open, slice, fetched, parts, options);
  }
  return fetched;
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
  const progress = new PartsProgress(options, state);
  let recorded: Promise<void> | undefined;
  await atOnce(most, waiting, async (part) => {
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
  const layout = { ...options.layout, columns: [mergeColumn, ...options.layout.columns] };
  const own = { ...options, search, layout, concurrency, onProgress };
  const target = await options.openPart(path, search, layout);
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

async function mergeInto(
  open: OpenExport,
  slice: Slice,
  { events, totalCount }: FetchedSearch,
  { done }: PartsState,
  { layout, stop }: FetchPartsOptions,
): Promise<void> {
  const add = async (csv: Uint8Array, records: number, next: string | undefined) => {
    const { oldest } = slice;
    const facts = { oldest, tooNew: 0, tooOld: 0, doubled: [], shifted: false, totalCount, next };
    addPage(slice, { ...facts, events: records, bytes: csv.length, firstId: 0, lastId: 0 });
    const page = {
      ...facts,
      csv,
      checksum: checksumOf(csv),
      eventCount: records,
      newest: oldest,
      ids: new Float64Array(),
    };
    await unlessAborted(open.addPage(slice, { ...page, eventsByType: new Map() }), stop.signal);
  };
  const files = [...done.values()]
    .filter(({ bytes }) => bytes > 0)
    .sort((a, b) => a.part - b.part)
    .map(({ part, bytes, checksum }) => ({
      path: partIn(open.partsFolder, part),
      bytes,
      checksum,
    }));
  const alreadyIn = slice.pages;
  let chunks = 0;
  for await (const { csv, records } of slice.state === "done"
    ? []
    : mergeParts(files, { columns: layout.columns.length, delimiter: layout.delimiter })) {
    stop.signal.throwIfAborted();
    chunks += 1;
    if (chunks > alreadyIn) {
      await add(csv, records, `chunk ${chunks + 1}`);
    }
  }
  if (slice.state !== "done") {
    await add(Buffer.alloc(0), 0, undefined);
  }
  requireSame("events were merged", slice.events, events);
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

function sumUp(parts: readonly PartEntry[]): Omit<FetchedSearch, "resumed"> {
  const eventsByType = new Map<string, number>();
  let [events, totalCount, doubled] = [0, 0, 0];
  for (const part of parts) {
    events += part.events;
    totalCount += part.totalCount;
    doubled += part.doubled;
    for (const [type, count] of part.eventsByType) {
      eventsByType.set(type, (eventsByType.get(type) ?? 0) + count);
    }
  }
  return { events, eventsByType, totalCount, doubled, flaw: worstFlaw(parts, events) };
}

/** What is too much in one part must not make up for what is missing in another. */
function worstFlaw(parts: readonly PartEntry[], arrived: number): Flaw | undefined {
  const flaws = parts.flatMap(({ flaw }) => flaw ?? []);
  for (const kind of ["shifted", "missing", "surplus"] as const) {
    const alike = flaws.filter((flaw) => flaw.kind === kind);
    if (alike.length > 0) {
      const missing = alike.reduce((sum, flaw) => sum + flaw.counted - flaw.arrived, 0);
      return { kind, arrived, counted: arrived + missing };
    }
  }
  return undefined;
}

/** How far all parts are together. */
class PartsProgress {
  readonly #onProgress: FetchSearchOptions["onProgress"];
  readonly #parts: ExportProgress[];

  constructor({ parts, onProgress }: FetchPartsOptions, { counts, done }: PartsState) {
    this.#onProgress = onProgress;
    this.#parts = parts.map((_, part) => {
      const { events, totalCount } = done.get(part) ?? {
        events: 0,
        totalCount: counts[part] ?? 0,
      };
      return { events, resumed: events, totalCount };
    });
  }

  get sum(): ExportProgress {
    let [events, resumed, totalCount] = [0, 0, 0];
    for (const each of this.#parts) {
      events += each.events;
      resumed += each.resumed;
      totalCount += each.totalCount;
    }
    return { events, resumed, totalCount };
  }

  update(part: number, progress: ExportProgress): void {
    this.#parts[part] = progress;
    this.#onProgress(this.sum);
  }
}
