import { addChunk, addPage, newSlice, restart, rewind, type Slice } from "../slices/slice.js";
import { SliceQueue } from "../slices/slice-queue.js";
import type {
  ChunkEntry,
  FileState,
  JournalEntry,
  MainState,
  PageEntry,
  PartEntry,
  PartsEntry,
} from "./journal-entry.js";

/** How far an export is. */
export interface ExportState {
  /** When the first run began, epoch milliseconds. */
  readonly began: number;
  readonly queue: SliceQueue;
  /** Number of events in the whole range; absent where they were not counted before the first page. */
  readonly count: number | undefined;
  /** Pages of each slice, or chunks where it is merged, oldest last. */
  readonly pages: Map<Slice, (PageEntry | ChunkEntry)[]>;
  /** What of the assembled file is certain. */
  main: MainState;
  /** The assembled files that are full, by number. Beyond that of `main` they are begun again. */
  readonly full: Map<number, FileState>;
  /** Absent where the search is not fetched in parts, or nothing of them is there. */
  parts?: PartsState;
}

export interface PartsState extends Pick<PartsEntry, "total" | "counts"> {
  /** The parts that are complete, by number. */
  readonly done: Map<number, PartEntry>;
}

/** The state of an export of which nothing is there. */
export function newState(began: number, queue: SliceQueue, count: number | undefined): ExportState {
  return {
    began,
    queue,
    count,
    pages: new Map(),
    main: { length: 0, consumed: 0 },
    full: new Map(),
  };
}

/** The state that the entries of a journal lead to. */
export function replayJournal(entries: readonly JournalEntry[], perPage: number): ExportState {
  const [start] = entries;
  if (start?.type !== "export") {
    throw new Error("the journal does not begin with an export");
  }
  const slices = start.slices.map(({ id, from, to, expected }) => newSlice(id, from, to, expected));
  const queue = new SliceQueue(slices, start.count ?? 0, perPage);
  const state = newState(start.began, queue, start.count);
  for (const entry of entries.slice(1)) {
    replay(state, entry);
  }
  return state;
}

function replay(state: ExportState, entry: JournalEntry): void {
  switch (entry.type) {
    case "page":
    case "chunk":
      replayPage(state, entry);
      state.main = entry.main ?? state.main;
      return;
    case "lost": {
      const slice = sliceOf(state, entry.slice);
      const pages = state.pages.get(slice)?.slice(0, entry.pages) ?? [];
      state.pages.set(slice, pages);
      rewind(slice);
      for (const page of pages) {
        countIn(slice, page);
      }
      return;
    }
    case "parts":
      state.parts = { total: entry.total, counts: entry.counts, done: new Map() };
      return;
    case "part":
      state.parts?.done.set(entry.part, entry);
      return;
    case "cut":
      state.queue.cutAt(sliceOf(state, entry.slice), entry.times);
      return;
    case "join":
      state.queue.joinAt(sliceOf(state, entry.slice), entry.length);
      return;
    case "main":
      state.main = entry.main;
      return;
    case "full":
      state.full.set(entry.part, entry);
      return;
    case "publishing":
      return;
    case "restart": {
      const slice = sliceOf(state, entry.slice);
      restart(slice);
      state.pages.delete(slice);
      state.main = entry.main ?? state.main;
      return;
    }
    default:
      throw new Error(`the journal holds an unknown entry: ${entry.type}`);
  }
}

function replayPage(state: ExportState, entry: PageEntry | ChunkEntry): void {
  const slice = sliceOf(state, entry.slice);
  const pages = state.pages.get(slice) ?? [];
  pages.push(entry);
  state.pages.set(slice, pages);
  countIn(slice, entry);
}

function countIn(slice: Slice, entry: PageEntry | ChunkEntry): void {
  if (entry.type === "page") {
    addPage(slice, entry);
  } else {
    addChunk(slice, entry);
  }
}

function sliceOf({ queue }: ExportState, id: number): Slice {
  const slice = queue.slices.find((other) => other.id === id);
  if (!slice) {
    throw new Error(`the journal has no slice ${id}`);
  }
  return slice;
}
