import type { ExportState } from "../partial/export-state.js";
import type { CountClaims } from "../slices/count-claims.js";
import type { Slice } from "../slices/slice.js";
import type { ExportProgress } from "./export-progress.js";

/** Counts what is there, slice by slice, since a slice may start over. */
export class Tally {
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
      for (const page of pages) {
        if (page.type === "page") {
          claims.add(slice.queryFrom, slice.to, page.totalCount);
          this.add(slice, new Map(page.eventsByType), page.totalCount);
        }
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
