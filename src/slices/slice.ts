/** A part of the time range that is fetched from its newest page to its oldest, one at a time. */
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
  /** Size of the CSV of these pages. */
  bytes: number;
  /** Time of the oldest event fetched so far, epoch milliseconds; `to` before the first page. */
  oldest: number;
  /** How much time the last page covers, in milliseconds. */
  pageSpan: number;
  /** How many events the query matched at the last page. */
  lastCount: number | undefined;
  /** What its newest event is known by, and the oldest one so far; 0 where there is none. */
  firstId: number;
  lastId: number;
  /** Events that were left out, since they are not in the range of the query. */
  tooNew: number;
  tooOld: number;
  /** Events that came twice, on pages that meet. */
  doubled: number[];
  /** Whether pages of the legacy API are not whole, since events came in between. */
  shifted: boolean;
  /** Link of the next page; absent before the first page. */
  next: string | undefined;
  /** `running` while somebody fetches a page of it. */
  state: "waiting" | "running" | "done";
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
    bytes: 0,
    oldest: to,
    pageSpan: 0,
    lastCount: undefined,
    firstId: 0,
    lastId: 0,
    tooNew: 0,
    tooOld: 0,
    doubled: [],
    shifted: false,
    next: undefined,
    state: "waiting",
    isCutOff,
  };
}

/** What a page tells about the slice that it belongs to. */
export interface SlicePage {
  readonly events: number;
  /** Size of its CSV. */
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

/** Counts a page in; whether somebody goes on with the slice is for the caller to say. */
export function addPage(slice: Slice, page: SlicePage): void {
  const { events, bytes, oldest, totalCount, next } = page;
  if (slice.pages === 0) {
    slice.count = totalCount;
  }
  slice.lastCount = totalCount;
  slice.firstId = slice.events === 0 ? (page.firstId ?? 0) : slice.firstId;
  slice.lastId = page.lastId ?? slice.lastId;
  slice.tooNew += page.tooNew;
  slice.tooOld += page.tooOld;
  slice.doubled.push(...page.doubled);
  slice.shifted ||= page.shifted;
  const reached = Math.min(slice.oldest, oldest);
  slice.pageSpan = slice.oldest - reached;
  slice.oldest = reached;
  slice.pages += 1;
  slice.bytes += bytes;
  slice.events += events;
  slice.next = next;
  if (next === undefined) {
    slice.state = "done";
  }
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
