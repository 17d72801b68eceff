import { cutTimes, eventsLeft, newSlice, type Slice } from "./slice.js";

/** Pages that a slice is planned to have. */
const plannedPages = 5;

/** A slice of so many times its plan is cut again. */
const tooLarge = 2;

/** Requests that slicing may cost beyond what one cursor would need, as a share of those. */
const mostExtraRequests = 0.25;

/** So many planned slices become one at the most. */
const mostJoined = 4;

/** A cut is worth its requests when so many pages are left. */
const worthCutting = 2;

export interface Cut {
  readonly slice: Slice;
  /** The older part, newest first. */
  readonly added: readonly Slice[];
}

/**
 * Who fetches what: slices of a time range, newest first, handed out to workers, and cut again
 * where one turns out larger than planned or a worker has nothing left to do.
 *
 * Slices are disjoint and cover the range, because `from` is inclusive and `to` is exclusive. A slice
 * that is cut while it is fetched goes on with its cursor, and leaves out what is older than its new
 * `from`.
 */
export class SliceQueue {
  /** Newest first. */
  readonly slices: Slice[];
  readonly #perPage: number;
  readonly #pages: number;

  /** @param count number of events in the whole range */
  constructor(slices: readonly Slice[], count: number, perPage: number) {
    this.slices = [...slices];
    this.#perPage = perPage;
    this.#pages = Math.max(1, Math.ceil(count / perPage));
  }

  /** Slices of about five pages each, were the events spread evenly. */
  static plan(from: number, to: number, count: number, perPage: number): Slice[] {
    const parts = Math.max(1, Math.floor(count / (plannedPages * perPage)));
    return sliceAt(from, to, cutTimes(from, to, parts), count, 0);
  }

  get done(): boolean {
    return this.slices.every(({ state }) => state === "done");
  }

  get hasWaiting(): boolean {
    return this.slices.some(({ state }) => state === "waiting");
  }

  /** Number of slices that somebody works on. */
  get running(): number {
    return this.slices.filter(({ state }) => state === "running").length;
  }

  /** The newest slice that nobody works on, marked as running. */
  take(): Slice | undefined {
    const slice = this.slices.find(({ state }) => state === "waiting");
    if (slice) {
      slice.state = "running";
    }
    return slice;
  }

  /**
   * Joins the newest slices that nobody has begun into one, for a run that cannot make use of its
   * workers: each slice may end in a page that is nearly empty.
   *
   * @param parallelism how many slices are worth fetching at once
   * @returns the first slice and how many became one, or undefined where there is nothing to join
   */
  join(parallelism: number): { slice: Slice; length: number } | undefined {
    const first = this.slices.findIndex(isUntouched);
    const rest = this.slices.slice(Math.max(0, first));
    const untouched = rest.findIndex((slice) => !isUntouched(slice));
    const inRow = untouched === -1 ? rest.length : untouched;
    const length = Math.min(mostJoined, Math.floor(inRow / (2 * parallelism)));
    const [slice] = rest;
    return slice && length > 1 ? { slice: this.joinAt(slice, length), length } : undefined;
  }

  /** Repeats a join that was made before, of a slice with the ones after it. */
  joinAt(slice: Slice, length: number): Slice {
    const others = this.slices.splice(this.slices.indexOf(slice) + 1, length - 1);
    for (const { from, expected } of others) {
      slice.from = from;
      slice.queryFrom = from;
      slice.expected += expected;
    }
    return slice;
  }

  /** Cuts what is left of a running slice into planned ones, where it is much larger than those. */
  cutTooLarge(slice: Slice): Cut | undefined {
    const pages = eventsLeft(slice) / this.#perPage;
    return slice.state === "running" && pages > plannedPages * tooLarge
      ? this.#cut(slice, Math.round(pages / plannedPages))
      : undefined;
  }

  /** Halves what is left of the running slice with the most left, for a worker that is idle. */
  share(): Cut | undefined {
    const running = this.slices
      .filter(({ state, pages, converting }) => state === "running" && pages > 0 && !converting)
      .filter((slice) => eventsLeft(slice) > worthCutting * this.#perPage)
      .sort((a, b) => eventsLeft(b) - eventsLeft(a));
    for (const slice of running) {
      // What is left of a slice may all be in one second.
      const cut = this.#cut(slice, 2);
      if (cut) {
        return cut;
      }
    }
    return undefined;
  }

  /** Repeats a cut that was made before. */
  cutAt(slice: Slice, times: readonly number[]): Cut {
    const left = eventsLeft(slice);
    const ids = Math.max(...this.slices.map(({ id }) => id)) + 1;
    const [newest = slice.from] = times;
    const older = sliceAt(slice.from, newest, times.slice(1), 0, ids, true);
    const span = slice.oldest - slice.from;
    for (const part of older) {
      part.expected = span > 0 ? Math.round((left * (part.to - part.from)) / span) : 0;
    }
    slice.cutOffs.push(...older);
    slice.from = newest;
    this.slices.splice(this.slices.indexOf(slice) + 1, 0, ...older);
    return { slice, added: older };
  }

  #cut(slice: Slice, parts: number): Cut | undefined {
    const affordable = Math.min(parts, 1 + this.#affordableSlices());
    // Events of the second that the last page ended in may be on the next page too.
    const times = cutTimes(slice.from, slice.oldest, affordable);
    return times.length > 0 ? this.cutAt(slice, times) : undefined;
  }

  /** Each slice may end in a page that is nearly empty; one request went into counting. */
  #affordableSlices(): number {
    const spent = this.slices.reduce(
      (sum, { state, pages, events }) =>
        sum + (state === "done" ? pages - events / this.#perPage : 1),
      0,
    );
    return Math.max(0, Math.floor(mostExtraRequests * this.#pages - spent));
  }
}

/** A slice that was cut off stays, so that the count of the one it came from can be checked. */
function isUntouched({ state, pages, isCutOff }: Slice): boolean {
  return state === "waiting" && pages === 0 && !isCutOff;
}

/** @param times whole seconds inside [from, to), newest first */
function sliceAt(
  from: number,
  to: number,
  times: readonly number[],
  count: number,
  firstId: number,
  isCutOff = false,
): Slice[] {
  const ends = [to, ...times];
  return ends.map((end, index) => {
    const start = ends[index + 1] ?? from;
    const expected = Math.round((count * (end - start)) / Math.max(1, to - from));
    return newSlice(firstId + index, start, end, expected, isCutOff);
  });
}
