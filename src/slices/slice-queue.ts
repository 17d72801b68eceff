import {
  cutOff,
  cutTimes,
  eventsLeft,
  halvingTime,
  join,
  newSlice,
  type Slice,
  take,
} from "./slice.js";

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

/** An export of up to so many pages per request at once has one slice for each of these. */
const mostPagesForOneEach = 10;

/**
 * When so many slices per request at once are left that nobody has seen into, it is time to find out
 * which of them are large.
 */
const lookAhead = 2;

/** Towards the end, what is left of a slice may be so many times a fair share. */
const unfairShare = 1.2;

export interface Cut {
  readonly slice: Slice;
  /** The older part, newest first. */
  readonly added: readonly Slice[];
}

/**
 * Which page is fetched next: slices of a time range, newest first, handed out for a page at a time,
 * and cut again where one turns out larger than planned or a worker has nothing left to do.
 *
 * While there is much to do, who began a slice goes on with it. Towards the end the first page of each
 * slice comes first, because it tells how many events there are, and then the largest slice: otherwise
 * a large one that is met last keeps one worker busy and the others idle.
 *
 * Slices are disjoint and cover the range, because `from` is inclusive and `to` is exclusive. A slice
 * that is cut while it is fetched goes on with its cursor, and leaves out what is older than its new
 * `from`.
 */
export class SliceQueue {
  readonly #slices: Slice[];
  readonly #perPage: number;
  readonly #pages: number;

  /** @param count number of events in the whole range */
  constructor(slices: readonly Slice[], count: number, perPage: number) {
    this.#slices = [...slices];
    this.#perPage = perPage;
    this.#pages = Math.max(1, Math.ceil(count / perPage));
  }

  /**
   * Slices of about five pages each, were the events spread evenly; of up to ten where there are just
   * enough for all workers.
   */
  static plan(
    from: number,
    to: number,
    count: number,
    perPage: number,
    concurrency: number,
  ): Slice[] {
    const ofPlannedSize = Math.floor(count / (plannedPages * perPage));
    const few = count <= mostPagesForOneEach * perPage * concurrency;
    const parts = Math.max(1, few ? Math.min(ofPlannedSize, concurrency) : ofPlannedSize);
    const evenly = (start: number, end: number) =>
      Math.round((count * (end - start)) / Math.max(1, to - from));
    return sliceAt(from, to, cutTimes(from, to, parts), evenly, 0);
  }

  /** Newest first; the list changes as slices are cut and joined. */
  get slices(): readonly Slice[] {
    return this.#slices;
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

  /**
   * The slice whose next page is to be fetched, marked as running.
   *
   * @param parallelism how many slices are worth fetching at once
   */
  take(parallelism: number): Slice | undefined {
    const slice = this.#choose(parallelism);
    if (slice) {
      take(slice);
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
    const next = this.#choose(parallelism);
    if (!next || !isUntouched(next)) {
      return undefined;
    }
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
    join(slice, this.#slices.splice(this.#slices.indexOf(slice) + 1, length - 1));
    return slice;
  }

  /** Cuts what is left of a slice, where that is too much for the worker that fetches it. */
  cutTooLarge(slice: Slice, parallelism: number): Cut | undefined {
    const pages = eventsLeft(slice) / this.#perPage;
    if (slice.state === "done") {
      return undefined;
    }
    if (!this.#isEnding(parallelism)) {
      return pages > plannedPages * tooLarge
        ? this.#cut(slice, (affordable) =>
            cutTimes(
              slice.from,
              slice.oldest,
              Math.min(affordable, Math.round(pages / plannedPages)),
            ),
          )
        : undefined;
    }
    const fair = this.#fairShare(parallelism) / this.#perPage;
    return pages > Math.max(worthCutting, fair * unfairShare) ? this.#halve(slice) : undefined;
  }

  /** Halves what is left of the running slice with the most left, for a worker that is idle. */
  share(): Cut | undefined {
    const running = this.slices
      .filter(({ state, pages }) => state === "running" && pages > 0)
      .filter((slice) => eventsLeft(slice) > worthCutting * this.#perPage)
      .sort((a, b) => eventsLeft(b) - eventsLeft(a));
    for (const slice of running) {
      // What is left of a slice may all be in one second.
      const cut = this.#halve(slice);
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
    const count = Math.round(left / (times.length + 1));
    const older = sliceAt(slice.from, newest, times.slice(1), () => count, ids, true);
    cutOff(slice, newest, older);
    this.#slices.splice(this.#slices.indexOf(slice) + 1, 0, ...older);
    return { slice, added: older };
  }

  #choose(parallelism: number): Slice | undefined {
    const waiting = this.slices.filter(({ state }) => state === "waiting");
    if (!this.#isEnding(parallelism)) {
      return waiting.find(({ pages }) => pages > 0) ?? waiting[0];
    }
    const begun = largest(waiting.filter(({ pages }) => pages > 0));
    // What takes as long as all that is left must not wait for anything.
    if (begun && eventsLeft(begun) >= this.#fairShare(parallelism)) {
      return begun;
    }
    return largest(waiting.filter(({ pages }) => pages === 0)) ?? begun;
  }

  /** Number of events that each worker has left, were they spread evenly. */
  #fairShare(parallelism: number): number {
    const open = this.slices.filter(({ state }) => state !== "done");
    return open.reduce((sum, slice) => sum + eventsLeft(slice), 0) / parallelism;
  }

  #isEnding(parallelism: number): boolean {
    const unseen = this.slices.filter(({ state, pages }) => state === "waiting" && pages === 0);
    return unseen.length <= lookAhead * parallelism;
  }

  #halve(slice: Slice): Cut | undefined {
    return this.#cut(slice, () => {
      const time = halvingTime(slice, this.#perPage);
      return time === undefined ? [] : [time];
    });
  }

  /** @param timesOf where to cut into a number of parts, at the most */
  #cut(slice: Slice, timesOf: (parts: number) => number[]): Cut | undefined {
    const affordable = this.#affordableSlices();
    const times = affordable > 0 ? timesOf(1 + affordable) : [];
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

/**
 * @param times whole seconds inside [from, to), newest first
 * @param expected about how many events there are from one time to another
 */
function sliceAt(
  from: number,
  to: number,
  times: readonly number[],
  expected: (start: number, end: number) => number,
  firstId: number,
  isCutOff = false,
): Slice[] {
  const ends = [to, ...times];
  return ends.map((end, index) => {
    const start = ends[index + 1] ?? from;
    return newSlice(firstId + index, start, end, expected(start, end), isCutOff);
  });
}

/** The slice with the most left. */
function largest(slices: readonly Slice[]): Slice | undefined {
  return slices.reduce<Slice | undefined>(
    (best, slice) => (best === undefined || eventsLeft(slice) > eventsLeft(best) ? slice : best),
    undefined,
  );
}
