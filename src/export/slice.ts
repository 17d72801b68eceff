/** A part of the time range that one worker fetches from its newest page to its oldest. */
export interface Slice {
  readonly id: number;
  /** Epoch milliseconds, inclusive. Rises when the older part is cut off for another worker. */
  from: number;
  /** Epoch milliseconds, exclusive. */
  readonly to: number;
  /** `from` of the query whose cursor the slice follows; older than `from` after a cut. */
  queryFrom: number;
  /** About how many events the query matches, before anything is known. */
  expected: number;
  /** How many events the query matches; known from its first page on. */
  count: number | undefined;
  /** Slices that were cut off from this one; its query matches their events too. */
  readonly cutOffs: Slice[];
  /** Number of events fetched so far. */
  events: number;
  /** Number of pages fetched so far. */
  pages: number;
  /** Time of the oldest event fetched so far, epoch milliseconds; `to` before the first page. */
  oldest: number;
  /** Link of the next page; absent before the first page. */
  next: string | undefined;
  state: "waiting" | "running" | "done";
  /** Whether a page goes by the slice's `from` right now, so that a cut would come too late for it. */
  converting: boolean;
  /** Whether it was cut off from another slice. */
  readonly isCutOff: boolean;
}

export function newSlice(
  id: number,
  from: number,
  to: number,
  expected: number,
  isCutOff = false,
): Slice {
  return {
    id,
    from,
    to,
    queryFrom: from,
    expected,
    count: undefined,
    cutOffs: [],
    events: 0,
    pages: 0,
    oldest: to,
    next: undefined,
    state: "waiting",
    converting: false,
    isCutOff,
  };
}

/** About how many events of the slice are yet to be fetched; exact where all counts are known. */
export function eventsLeft(slice: Slice): number {
  const elsewhere = slice.cutOffs.reduce((sum, cutOff) => sum + matches(cutOff), 0);
  return Math.max(0, matches(slice) - elsewhere - slice.events);
}

function matches({ count, expected }: Slice): number {
  return count ?? expected;
}

const second = 1_000;

/**
 * Whole seconds that cut [from, to) into about `parts` slices of the same length.
 *
 * @returns epoch milliseconds between the two ends, newest first; fewer where the range is short
 */
export function cutTimes(from: number, to: number, parts: number): number[] {
  const times = new Set<number>();
  for (let part = parts - 1; part > 0; part--) {
    const time = Math.floor((from + ((to - from) * part) / parts) / second) * second;
    if (time > from && time < to) {
      times.add(time);
    }
  }
  return [...times];
}
