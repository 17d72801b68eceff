/** The time that the events of a page are wanted of, epoch milliseconds. */
export interface PageRange {
  /** Inclusive. */
  readonly from: number;
  /** Exclusive. */
  readonly to: number;
}

export const anyTime: PageRange = {
  from: Number.NEGATIVE_INFINITY,
  to: Number.POSITIVE_INFINITY,
};

/** Which events of a page are in a range. */
export interface RangeSelection {
  /** By the event's place on the page: 1 where it is in the range, else 0. */
  readonly chosen: Uint8Array;
  /** Number of events that are not before the end of the range. */
  readonly tooNew: number;
  /** Number of events that are before its start. */
  readonly tooOld: number;
  /** Of the events in the range, epoch milliseconds; -Infinity and Infinity where none has a time. */
  readonly newest: number;
  readonly oldest: number;
}

/**
 * Looks for the events of a page that are in a range.
 *
 * @param times of the events, newest first: epoch milliseconds, or NaN where nobody knows. Such an
 *   event is left out only behind one that is too old, since it is older still.
 */
export function selectRange(times: Float64Array, { from, to }: PageRange): RangeSelection {
  const chosen = new Uint8Array(times.length);
  let tooNew = 0;
  let tooOld = 0;
  let newest = Number.NEGATIVE_INFINITY;
  let oldest = Number.POSITIVE_INFINITY;
  let isBehind = false;
  for (let index = 0; index < times.length; index++) {
    const time = times[index]!;
    isBehind = time < from || (isBehind && Number.isNaN(time));
    if (isBehind) {
      tooOld++;
    } else if (time >= to) {
      tooNew++;
    } else {
      chosen[index] = 1;
      newest = time > newest ? time : newest;
      oldest = time < oldest ? time : oldest;
    }
  }
  return { chosen, tooNew, tooOld, newest, oldest };
}
