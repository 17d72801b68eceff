import { settlingTime } from "./count-claims.js";
import type { Slice } from "./slice.js";

/** In epoch milliseconds. */
export interface SinceCount {
  /** When the events of the whole range were counted. */
  readonly countedAt: number;
  /** Before it, events had left SparkPost by then. */
  readonly keptThen: number;
  /** Before it, events have left SparkPost by now. */
  readonly keptNow: number;
}

/**
 * Whether events may have left SparkPost that nobody has fetched, without a count that tells. What is in a
 * slice before its first page is known by the count of the whole range alone; and where that was made before
 * the newest slice is fetched, events that came in late at its end make up in number for what has left.
 *
 * @param slices newest first, before any more of them is fetched
 */
export function mayHideLoss(
  slices: readonly Slice[],
  { countedAt, keptThen, keptNow }: SinceCount,
): boolean {
  const settled = countedAt - settlingTime;
  const [newest] = slices;
  const mayHaveGrown = newest?.state !== "done" && (newest?.oldest ?? settled) > settled;
  return (
    mayHaveGrown &&
    slices.some(
      ({ state, from, oldest }) =>
        state !== "done" && Math.max(from, keptThen) < Math.min(oldest, keptNow),
    )
  );
}
