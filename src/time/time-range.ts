import type { Zone } from "luxon";
import { UsageError } from "../errors.js";
import { toLocalSecond } from "./iso.js";
import {
  exampleDay,
  isTimeOfDay,
  type Moment,
  type MomentContext,
  padHour,
  parseMoment,
} from "./moment.js";
import { defaultRetention, describeRetention, expiredPart, oldestKept } from "./retention.js";
import { floorToUnit, unitLength } from "./units.js";

/** A range of time to export, and what to tell the person about it. */
export interface TimeRange {
  /** Epoch milliseconds, inclusive. */
  readonly from: number;
  /** Epoch milliseconds, exclusive. */
  readonly to: number;
  /** The first end as part of a file name, on any system: `2026-11-19`, `2026-11-19T08-30`. */
  readonly fromName: string;
  /** The last end as part of a file name. */
  readonly toName: string;
  /** Whole sentences about what the range leaves out, and is meant to. */
  readonly notes: readonly string[];
  /** Whole sentences about events that may be missing. */
  readonly warnings: readonly string[];
}

export interface TimeRangeOptions {
  /** Zone of times that are written without an offset, and of times in messages. */
  readonly zone: Zone;
  /** Epoch milliseconds. */
  readonly now: number;
  /** What the API can tell apart; the legacy one knows whole minutes only. */
  readonly granularity?: "second" | "minute";
  /** How long events are kept, in milliseconds; `Infinity` for good. Default: 10 days. */
  readonly retention?: number;
}

/** The API knows most events within one minute; twice that is a cautious "too fresh". */
const settlingTime = 2 * unitLength.minute;
const settling = "Events take a minute or so to arrive, so the newest may be missing.";

/**
 * Reads the two ends of a range. Each is a date or time, which names the whole unit it is written
 * in; `today` or `yesterday`; or an instant: `now`, or a duration for that long ago. So
 * `2026-11-19T08` to `2026-11-19T09` is two hours, and `2026-11-19` alone is that day.
 *
 * A range may begin before what is kept; `exportEvents` refuses that.
 *
 * @param to - may be `undefined` when `from` is a day; a time in the future is cut to now
 * @throws UsageError when an end cannot be read, or when nothing lies between the two
 */
export function parseTimeRange(
  from: string,
  to: string | undefined,
  options: TimeRangeOptions,
): TimeRange {
  const context = { granularity: "second", retention: defaultRetention, ...options } as const;
  const fromText = from.trim();
  const first = parseEnd(fromText, { ...context, argument: "from" });
  const latestEnd = floorToUnit(context.now, context.granularity);
  if (first.start >= latestEnd) throw beginsTooLate(fromText, first, context);
  if (to === undefined && first.unit !== "day") throw missingTo(fromText);

  const toText = to?.trim() ?? fromText;
  if (first.unit === "day" && isTimeOfDay(toText)) throw tornApart(fromText, toText);
  const last = parseEnd(toText, { ...context, argument: "to" });
  if (last.end <= first.start) throw emptyRange({ fromText, first, toText, last }, context);

  const end = Math.min(last.end, latestEnd);
  return {
    from: first.start,
    to: end,
    fromName: first.fileName,
    toName: last.fileName,
    notes: end < last.end ? [cutNote(toText, context)] : freshnessNotes(end, context),
    warnings: retentionWarnings(first.start, end, context),
  };
}

type Context = Required<TimeRangeOptions>;

function parseEnd(text: string, context: MomentContext): Moment {
  const moment = parseMoment(text, context);
  const [bound, verb] = context.argument === "from" ? [moment.start, "begin"] : [moment.end, "end"];
  if (bound === floorToUnit(bound, context.granularity)) return moment;
  throw new UsageError(
    `${context.argument} "${text}" does not ${verb} on a whole minute, and the legacy API takes nothing finer.`,
    { hint: `Write ${withoutSeconds(text)}, which names that whole minute.` },
  );
}

function withoutSeconds(text: string): string {
  return text.replace(/(:\d{2}):\d{2}/, "$1");
}

function beginsTooLate(text: string, { start }: Moment, context: Context): UsageError {
  const day = exampleDay(context);
  return new UsageError(
    start > context.now
      ? `from "${text}" lies in the future: it is ${localTime(context.now, context)}.`
      : `from "${text}" leaves no whole ${context.granularity} until now, ${localTime(context.now, context)}.`,
    { hint: `For example: from ${day} to ${day}, or from 24h to now.` },
  );
}

function missingTo(fromText: string): UsageError {
  return new UsageError(`to is missing after from "${fromText}": only a day can stand alone.`, {
    hint: `For example: from ${fromText} to now.`,
  });
}

/** The shell takes `2026-11-19 08:30` for two arguments. */
function tornApart(date: string, time: string): UsageError {
  return new UsageError(`to "${time}" is a time without a date.`, {
    hint: `If ${date} ${time} is one time, join the two with a T: ${date}T${padHour(time)}.`,
  });
}

function emptyRange(
  ends: { fromText: string; first: Moment; toText: string; last: Moment },
  context: Context,
): UsageError {
  const day = exampleDay(context);
  return new UsageError(
    isSkipped(ends.first, ends.last)
      ? `from "${ends.fromText}" to "${ends.toText}" does not exist: clocks in ${context.zone.name} skip it.`
      : `to "${ends.toText}" is not after from "${ends.fromText}".`,
    { hint: `For example: from ${day} to ${day} is that whole day, and so is ${day} alone.` },
  );
}

/** Whether the two ends meet because both lie in the gap of clocks that are put forward. */
function isSkipped(first: Moment, last: Moment): boolean {
  return last.unit !== "instant" && last.start === last.end && last.end === first.start;
}

function cutNote(toText: string, context: Context): string {
  const end = floorToUnit(context.now, context.granularity);
  return `"${toText}" is not over, so the range ends now, at ${localTime(end, context)}. ${settling}`;
}

function freshnessNotes(end: number, { now }: Context): string[] {
  if (end <= now - settlingTime) return [];
  return [`The range ends less than 2 minutes ago. ${settling}`];
}

function retentionWarnings(from: number, to: number, context: Context): string[] {
  const oldest = oldestKept(context);
  if (from >= oldest || expiredPart({ from, to }, context)) return [];
  const kept = describeRetention(context.retention);
  return [
    `SparkPost keeps events for ${kept}: those before ${localTime(oldest, context)} may be missing.`,
  ];
}

function localTime(instant: number, { zone }: Context): string {
  return `${toLocalSecond(instant, zone)} in ${zone.name}`;
}
