import { interruptedRange } from "../../../partial/interrupted-export.js";
import type { TimeRange } from "../../../time/time-range.js";
import type { ExportGiven } from "./command.js";

interface AskedRange {
  /** Epoch milliseconds. */
  readonly now: number;
  readonly range: TimeRange;
  /** What the same words mean at another moment. */
  readonly rangeAt: (moment: number) => TimeRange;
}

/** Epoch milliseconds. */
type KeptRange = Pick<TimeRange, "from" | "to">;

/**
 * Times such as `now` have moved on since the interruption; what counts is what they meant then.
 *
 * @returns undefined where nothing was interrupted, or what was asked for with other words, which is
 *   for the export to refuse
 */
export async function keptRange(
  { resume, from, to, out }: Pick<ExportGiven, "resume" | "from" | "to" | "out">,
  asked: AskedRange,
): Promise<KeptRange | undefined> {
  if (!resume || out === undefined || out === "-" || !(isRelative(from) || isRelative(to))) {
    return undefined;
  }
  const kept = await interruptedRange(out);
  return kept && couldMean(kept, asked) ? kept : undefined;
}

/** Whether there was a moment at which the words of the command meant the range. */
function couldMean(kept: KeptRange, { now, range, rangeAt }: AskedRange): boolean {
  // What ends with `now`, or with a day, meant it at its end; what ends so long ago has moved by as much
  // as the clock.
  const moments = [kept.to, now - (range.from - kept.from), now - (range.to - kept.to)];
  return moments.some((moment) => {
    try {
      const { from, to } = rangeAt(moment);
      return moment <= now && from === kept.from && to === kept.to;
    } catch {
      return false;
    }
  });
}

/** Whether a time means another one at another moment. */
export function isRelative(time: string | undefined): boolean {
  return time !== undefined && !/^\s*\d{4}-/.test(time);
}
