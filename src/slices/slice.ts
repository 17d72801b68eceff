/**
 * A part of the time range that is fetched from its newest page to its oldest, one at a time. What
 * happens to it are the functions below; for everybody else it is there to be read.
 */
export interface Slice {
  readonly id: number;
  /** Epoch milliseconds, inclusive. Rises when the older part is cut off for another worker. */
  readonly from: number;
  /** Epoch milliseconds, exclusive. */
  readonly to: number;
  /** `from` of the query whose cursor the slice follows; older than `from` after a cut. */
  readonly queryFrom: number;
  /** About how many events the query matches, before anything is known. */
  readonly expected: number;
  /** How many events the query matches; known from its first page on. */
  readonly count: number | undefined;
  /** Slices that were cut off from this one; its query matches their events too. */
  readonly cutOffs: readonly Slice[];
  /** Number of events fetched so far. */
  readonly events: number;
  /** Number of pages fetched so far. */
  readonly pages: number;
  /** Size of the records of these pages. */
  readonly bytes: number;
  /** Time of the oldest event fetched so far, epoch milliseconds; `to` before the first page. */
  readonly oldest: number;
  /** How much time the last page covers, in milliseconds. */
  readonly pageSpan: number;
  /** How many events the query matched at the last page. */
  readonly lastCount: number | undefined;
  /** What its newest event is known by, and the oldest one so far; 0 where there is none. */
  readonly firstId: number;
  readonly lastId: number;
  /** Events that were left out, since they are not in the range of the query. */
  readonly tooNew: number;
  readonly tooOld: number;
  /** Events that came twice, on pages that meet. */
  readonly doubled: readonly number[];
  /** Whether pages of the legacy API are not whole, since events came in between. */
  readonly shifted: boolean;
  /** Link of the next page; absent before the first page. */
  readonly next: string | undefined;
  /** `running` while somebody fetches a page of it. */
  readonly state: "waiting" | "running" | "done";
  /** Whether it was cut off from another slice. */
  readonly isCutOff: boolean;
}

/** What the functions here may do to a slice. */
type Changing = { -readonly [Key in keyof Slice]: Slice[Key] };

/** What a slice knows of its pages before the first one. */
const nothingFetched = {
  count: undefined,
  events: 0,
  pages: 0,
  bytes: 0,
  pageSpan: 0,
  lastCount: undefined,
  firstId: 0,
  lastId: 0,
  tooNew: 0,
  tooOld: 0,
  doubled: [],
  shifted: false,
  next: undefined,
} satisfies Partial<Slice>;

export function newSlice(
  id: number,
  from: number,
  to: number,
  expected: number,
  isCutOff = false,
): Slice {
  return {
    ...nothingFetched,
    id,
    from,
    to,
    queryFrom: from,
    expected,
    cutOffs: [],
    oldest: to,
    state: "waiting",
    isCutOff,
  };
}

/** What a page tells about the slice that it belongs to. */
export interface SlicePage {
  readonly events: number;
  /** Size of its records. */
  readonly bytes: number;
  /** Time of its oldest event, epoch milliseconds; Infinity where it has none. */
  readonly oldest: number;
  readonly totalCount: number | undefined;
  /** Absent after the last page. */
  readonly next: string | undefined;
  /** What its first and last event are known by; 0 where nobody knows, undefined without events. */
  readonly firstId?: number | undefined;
  readonly lastId?: number | undefined;
  /** Events that were left out, since they are not in the range of the query. */
  readonly tooNew: number;
  readonly tooOld: number;
  /** Its events that came before, on a page that it meets, by what they are known by. */
  readonly doubled: readonly number[];
  /** Whether it does not follow on the page before it. */
  readonly shifted: boolean;
}

/** Records of a merging. */
export interface SliceChunk {
  readonly events: number;
  /** How many bytes they are. */
  readonly bytes: number;
  readonly isLast: boolean;
}

/** Somebody fetches a page of it from now on. */
export function take(slice: Slice): void {
  change(slice, { state: "running" });
}

/** Nobody fetches a page of it any more; it waits for the next one, unless it is done. */
export function release(slice: Slice): void {
  if (slice.state === "running") {
    change(slice, { state: "waiting" });
  }
}

/** Counts a page in; whether somebody goes on with the slice is for the caller to say. */
export function addPage(slice: Slice, page: SlicePage): void {
  const oldest = Math.min(slice.oldest, page.oldest);
  change(slice, {
    count: slice.pages === 0 ? page.totalCount : slice.count,
    lastCount: page.totalCount,
    firstId: slice.events === 0 ? (page.firstId ?? 0) : slice.firstId,
    lastId: page.lastId ?? slice.lastId,
    tooNew: slice.tooNew + page.tooNew,
    tooOld: slice.tooOld + page.tooOld,
    doubled: [...slice.doubled, ...page.doubled],
    shifted: slice.shifted || page.shifted,
    pageSpan: slice.oldest - oldest,
    oldest,
    pages: slice.pages + 1,
    bytes: slice.bytes + page.bytes,
    events: slice.events + page.events,
    next: page.next,
    state: page.next === undefined ? "done" : slice.state,
  });
}

/** Counts in a chunk of records that were merged, where the slice is what comes of a merging. */
export function addChunk(slice: Slice, { events, bytes, isLast }: SliceChunk): void {
  change(slice, {
    pages: slice.pages + 1,
    bytes: slice.bytes + bytes,
    events: slice.events + events,
    state: isLast ? "done" : slice.state,
  });
}

/** Leaves what is older to other slices; its cursor goes on, though, and leads past its new start. */
export function cutOff(slice: Slice, from: number, older: readonly Slice[]): void {
  change(slice, { from, cutOffs: [...slice.cutOffs, ...older] });
}

/** Takes in the slices that come after it, which are no more then. */
export function join(slice: Slice, older: readonly Slice[]): void {
  const from = older.at(-1)?.from ?? slice.from;
  const expected = older.reduce((sum, other) => sum + other.expected, slice.expected);
  change(slice, { from, queryFrom: from, expected });
}

/** Back to before the first page, with a query of its own. */
export function restart(slice: Slice): void {
  change(slice, { queryFrom: slice.from, cutOffs: [] });
  rewind(slice);
}

/** Back to before the first page of the same query. Who fetches it goes on with that. */
export function rewind(slice: Slice): void {
  const state = slice.state === "running" ? "running" : "waiting";
  change(slice, { ...nothingFetched, oldest: slice.to, state });
}

function change(slice: Changing, to: Partial<Slice>): void {
  Object.assign(slice, to);
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

/**
 * A whole second that leaves about half of what is left of a slice to both sides.
 *
 * Half of the time would be right for events that are spread evenly; within a burst, which may be
 * over in seconds while the slice has hours, half of the time that the pages left take at the pace of
 * the last one.
 *
 * @returns epoch milliseconds, or undefined where what is left is within one second
 */
export function halvingTime(slice: Slice, perPage: number): number | undefined {
  const { from, oldest, pageSpan } = slice;
  const byTime = (oldest - from) / 2;
  const byPace = (Math.max(second, pageSpan) * eventsLeft(slice)) / perPage / 2;
  const time = Math.floor((oldest - Math.min(byPace, byTime)) / second) * second;
  return time > from && time < oldest ? time : undefined;
}
