import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import type { ApiClient } from "../api/client.js";
import type { CompleteSearch } from "../api/search.js";
import { requestCounts } from "../api/search-events.js";
import { atOnce } from "../at-once.js";
import { checksumOf, checksumOfFile } from "../checksum.js";
import type { Column, CsvLayout } from "../csv/csv-layout.js";
import type { ExportTarget } from "../output/export-target.js";
import { outputError } from "../output/output-error.js";
import { requireSame } from "../partial/audit.js";
import type { ExportState, PartsState } from "../partial/export-state.js";
import type { PartEntry } from "../partial/journal.js";
import type { Flaw } from "../slices/count-claims.js";
import { addPage, newSlice, type Slice } from "../slices/slice.js";
import { SliceQueue } from "../slices/slice-queue.js";
import { unlessAborted } from "../unless-aborted.js";
import { mergeParts } from "./merge-parts.js";

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

/** How far a search is. */
export interface PartProgress {
  readonly events: number;
  readonly resumed: number;
  readonly totalCount: number;
}

export interface FetchSearchOptions {
  readonly target: ExportTarget;
  readonly search: CompleteSearch;
  readonly layout: CsvLayout;
  readonly concurrency: number;
  /** Number of events, where it is known. */
  readonly count?: number | undefined;
  readonly onProgress: (progress: PartProgress) => void;
}

export interface FetchPartsOptions extends Omit<FetchSearchOptions, "count"> {
  /** Searches whose events are disjoint, and together those of the search. */
  readonly parts: readonly CompleteSearch[];
  /** Epoch milliseconds. */
  readonly began: number;
  readonly client: ApiClient;
  /** Aborted when a part fails, so that the others stop too. */
  readonly stop: AbortController;
  /** Opens a file for a part: without a header, going on with what is there of it. */
  readonly openPart: (
    path: string,
    search: CompleteSearch,
    layout: CsvLayout,
  ) => Promise<ExportTarget>;
  readonly fetchPart: (options: FetchSearchOptions) => Promise<FetchedSearch>;
}

/** Comes first in the files of parts, for the merging: SparkPost's own text, whatever the format. */
const mergeColumn: Column = { header: "", path: ["timestamp"], asSent: true };

/**
 * Fetches a search part by part, each into a file of its own, and then merges these into the target.
 * After an interruption, complete parts are not fetched again, others go on where they were, and so
 * does the merging.
 *
 * @throws what the first failing part threw; DamagedExportError; OutputError
 */
export async function fetchParts(options: FetchPartsOptions): Promise<FetchedSearch> {
  const { target, search, stop } = options;
  const parts = target.restored?.parts ?? {
    total: options.parts.length,
    counts: await countParts(options),
    done: new Map(),
  };
  const state = target.restored ?? newState(search, parts.counts, options.began);
  await target.begin(state);
  const resumed = await fetchMissing(options, parts);
  stop.signal.throwIfAborted();
  const fetched = { ...sumUp([...parts.done.values()]), resumed };
  for (const slice of state.queue.slices) {
    await mergeInto(slice, fetched, parts, options);
  }
  return fetched;
}

/** What leaves SparkPost before the turn of a part has come could not be missed without. */
function countParts({ client, parts, concurrency }: FetchPartsOptions): Promise<number[]> {
  return requestCounts(client, parts, concurrency);
}

/** What is merged comes page by page, like an export of a single slice. */
function newState(
  { from, to, perPage }: CompleteSearch,
  counts: readonly number[],
  began: number,
): ExportState {
  const count = counts.reduce((sum, part) => sum + part, 0);
  return {
    began,
    queue: new SliceQueue([newSlice(0, from, to, count)], count, perPage),
    count,
    pages: new Map(),
    main: { length: 0, consumed: 0 },
    full: new Map(),
  };
}

/** @returns how many events an interrupted run before this one had fetched */
async function fetchMissing(options: FetchPartsOptions, state: PartsState): Promise<number> {
  const { target, parts, concurrency, stop } = options;
  await makeFolder(target.partsFolder);
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
      const entry = await fetchOne(options, part, workers, state.counts[part], (reached) => {
        const { total, counts } = state;
        recorded ??= target.addParts({ type: "parts", total, counts });
        // Whoever completes a part hears of a failure.
        recorded.catch(() => {});
        progress.update(part, reached);
      });
      await recorded;
      await target.addParts(entry);
      state.done.set(part, entry);
    } catch (error) {
      stop.abort(error);
      throw error;
    }
  });
  return progress.sum.resumed;
}

async function fetchOne(
  { target, parts, layout, openPart, fetchPart }: FetchPartsOptions,
  part: number,
  concurrency: number,
  count: number | undefined,
  onProgress: FetchSearchOptions["onProgress"],
): Promise<PartEntry> {
  const search = parts[part];
  if (!search) {
    throw new Error(`there is no part ${part}`);
  }
  const withTimestamp = { ...layout, columns: [mergeColumn, ...layout.columns] };
  const path = partPath(target, part);
  const file = await openPart(path, search, withTimestamp);
  try {
    const { eventsByType, resumed, ...fetched } = await fetchPart({
      target: file,
      search,
      layout: withTimestamp,
      concurrency,
      count,
      onProgress,
    });
    const { bytes } = await file.commit();
    return {
      type: "part",
      part,
      ...fetched,
      eventsByType: [...eventsByType],
      bytes,
      checksum: await checksumOfFile(path),
    };
  } catch (error) {
    await file.abandon();
    throw error;
  }
}

async function mergeInto(
  slice: Slice,
  { events, totalCount }: FetchedSearch,
  { done }: PartsState,
  { target, layout, stop }: FetchPartsOptions,
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
    await unlessAborted(target.addPage(slice, { ...page, eventsByType: new Map() }), stop.signal);
  };
  const files = [...done.values()]
    .filter(({ bytes }) => bytes > 0)
    .sort((a, b) => a.part - b.part)
    .map(({ part, bytes, checksum }) => ({ path: partPath(target, part), bytes, checksum }));
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

function partPath(target: ExportTarget, part: number): string {
  return join(target.partsFolder, `part-${part}`);
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
  readonly #parts: PartProgress[];

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

  get sum(): PartProgress {
    let [events, resumed, totalCount] = [0, 0, 0];
    for (const each of this.#parts) {
      events += each.events;
      resumed += each.resumed;
      totalCount += each.totalCount;
    }
    return { events, resumed, totalCount };
  }

  update(part: number, progress: PartProgress): void {
    this.#parts[part] = progress;
    this.#onProgress(this.sum);
  }
}
