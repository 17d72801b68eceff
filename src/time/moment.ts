import type { Zone } from "luxon";
import { UsageError } from "../errors.js";
import { nearest } from "../nearest.js";
import { type CalendarReading, readCalendarTime } from "./calendar-time.js";
import { parseDuration } from "./duration.js";
import { toLocalDay, toLocalSecond } from "./iso.js";
import { type Span, spanOf, toLocal } from "./local-time.js";
import { floorToUnit, type Unit, unitLength } from "./units.js";
import { rightForms } from "./wrong-forms.js";

/** The time that one end of a range names: a whole unit, or an instant where start and end meet. */
export interface Moment extends Span {
  /** The unit it is written in; `now` and durations name an instant. */
  readonly unit: Unit | "instant";
  /** The time as part of a file name, on any system: `2026-11-19T08-30`. */
  readonly fileName: string;
}

export interface MomentContext {
  /** Name of the argument, for error messages. */
  readonly argument: "from" | "to";
  /** Zone of times that are written without an offset. */
  readonly zone: Zone;
  /** Epoch milliseconds. */
  readonly now: number;
  /** Instants are rounded down to this. */
  readonly granularity: "second" | "minute";
}

/**
 * Reads one end of a range: a date or time, `today`, `yesterday`, `now`, or a duration that says how
 * long ago.
 *
 * @throws UsageError when the text is none of these, is impossible, or lies before 1970
 */
export function parseMoment(text: string, context: MomentContext): Moment {
  const moment = readMoment(text, context);
  if (moment !== undefined) return moment;
  if (isTimeOfDay(text)) {
    throw new UsageError(`${quote(text, context)} is a time without a date.`, {
      hint: `Join the two with a T, without a space: ${exampleDay(context)}T${padHour(text)}.`,
    });
  }
  throw new UsageError(`${quote(text, context)} is not a time in a form that is known here.`, {
    hint: formHint(text, context),
  });
}

/** Yesterday's date in the zone, so that examples in hints work when they are tried. */
export function exampleDay({ zone, now }: Pick<MomentContext, "zone" | "now">): string {
  return toLocalDay(startOfToday(zone, now) - 1, zone);
}

/** `8:30` as `08:30` */
export function padHour(timeOfDay: string): string {
  return timeOfDay.replace(/^\d:/, "0$&");
}

/** `8:30`, `08:30`, `08:30:15` */
export function isTimeOfDay(text: string): boolean {
  return /^\d{1,2}:\d{2}(:\d{2})?$/.test(text);
}

function readMoment(text: string, context: MomentContext): Moment | undefined {
  const { zone, now } = context;
  switch (text.toLowerCase()) {
    case "now":
      return instantAgo(0, context);
    case "today":
      return dayAround(now, zone);
    case "yesterday":
      return dayAround(startOfToday(zone, now) - 1, zone);
  }
  const reading = readCalendarTime(text);
  if (reading.kind === "impossible") {
    throw new UsageError(`${quote(text, context)} is impossible: ${reading.problem}.`, {
      hint: exampleHint(context),
    });
  }
  if (reading.kind === "time") {
    const moment = calendarMoment(text, reading, zone);
    if (moment.start < 0) throw tooEarly(text, context);
    return moment;
  }
  // Digits alone may be a timestamp or a date without dashes rather than a duration without a unit.
  if (!/^-?\d+(\.\d+)?\s*([dhmsw]|$)/i.test(text) || rightForms(text).length > 0) return undefined;
  const duration = parseDuration(text, context.argument);
  if (duration > now) throw tooEarly(text, context);
  return instantAgo(duration, context);
}

function calendarMoment(
  text: string,
  reading: CalendarReading & { kind: "time" },
  zone: Zone,
): Moment {
  return {
    ...spanOf(reading.local, unitLength[reading.unit], reading.zone ?? zone),
    unit: reading.unit,
    // Windows allows no colon in a file name.
    fileName: text.toUpperCase().replace(" ", "T").replaceAll(":", "-"),
  };
}

function instantAgo(duration: number, { zone, now, granularity }: MomentContext): Moment {
  const instant = floorToUnit(now - duration, granularity);
  return {
    start: instant,
    end: instant,
    unit: "instant",
    fileName: toLocalSecond(instant, zone).replaceAll(":", "-"),
  };
}

function dayAround(instant: number, zone: Zone): Moment {
  const midnight = floorToUnit(toLocal(instant, zone), "day");
  return {
    ...spanOf(midnight, unitLength.day, zone),
    unit: "day",
    fileName: toLocalDay(instant, zone),
  };
}

function startOfToday(zone: Zone, now: number): number {
  return dayAround(now, zone).start;
}

function tooEarly(text: string, context: MomentContext): UsageError {
  return new UsageError(`${quote(text, context)} lies before 1970.`, {
    hint: exampleHint(context),
  });
}

function formHint(text: string, context: MomentContext): string {
  const word = nearest(text, ["today", "yesterday"]);
  if (word !== undefined) return `Did you mean ${word}?`;
  const forms = rightForms(text);
  if (forms.length === 0) return exampleHint(context);
  return forms.length === 1
    ? `Write ${forms[0]}.`
    : `Write ${forms.join(" or ")}: the year, the month, the day.`;
}

function exampleHint(context: MomentContext): string {
  const day = exampleDay(context);
  return `For example: ${day}, ${day}T08:30, yesterday, or 24h for the time 24 hours ago.`;
}

function quote(text: string, { argument }: MomentContext): string {
  return `${argument} "${text}"`;
}
