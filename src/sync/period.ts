import type { Zone } from "luxon";
import { clockChange } from "../time/clock-change.js";
import { instantsAt, spanOf, toLocal } from "../time/local-time.js";
import { floorToUnit, unitLength } from "../time/units.js";

/** A local day or hour: what one file of an archive holds. */
export interface Period {
  /**
   * The local day, `2026-11-19`, or hour, `2026-11-19T08`. Of an hour that occurs twice, each has its
   * offset behind it: `2026-10-25T02+0200`.
   */
  readonly name: string;
  /** Epoch milliseconds, inclusive. */
  readonly from: number;
  /** Epoch milliseconds, exclusive; where the next period begins. */
  readonly to: number;
}

export type PeriodLength = (typeof periodLengths)[number];
export const periodLengths = ["day", "hour"] as const;

/**
 * Every period that a range of time (epoch milliseconds) touches, oldest first. Each instant belongs
 * to exactly one, whatever clocks in the zone do.
 */
export function periodsIn(from: number, to: number, zone: Zone, by: PeriodLength): Period[] {
  const days = daysIn(from, to, zone);
  return by === "day"
    ? days
    : days.flatMap((day) => hoursOf(day, zone)).filter((hour) => hour.from < to && hour.to > from);
}

function daysIn(from: number, to: number, zone: Zone): Period[] {
  const days: Period[] = [];
  const last = toLocal(to, zone) + unitLength.day;
  // A day to either side covers what a change of the clocks moves.
  let local = floorToUnit(toLocal(from, zone), "day") - unitLength.day;
  let start = startOfDay(local, zone);
  for (; local <= last; local += unitLength.day) {
    // Where clocks go back over midnight, both days have it; it belongs to the later one.
    const end = startOfDay(local + unitLength.day, zone);
    if (end > start) {
      days.push({ name: new Date(local).toISOString().slice(0, 10), from: start, to: end });
    }
    start = end;
  }
  return days.filter((day) => day.from < to && day.to > from);
}

function startOfDay(local: number, zone: Zone): number {
  return spanOf(local, unitLength.day, zone).start;
}

function hoursOf({ name, from: start, to }: Period, zone: Zone): Period[] {
  const hours: Period[] = [];
  if (isSteady(start, to, zone)) {
    for (let hour = 0; hour < 24; hour++) {
      const from = start + hour * unitLength.hour;
      hours.push({ name: `${name}T${twoDigits(hour)}`, from, to: from + unitLength.hour });
    }
    return hours;
  }
  for (let from = start; from < to; ) {
    const offset = zone.offset(from);
    const hour = floorToUnit(toLocal(from, zone), "hour");
    const last = hour + unitLength.hour - offset * unitLength.minute - 1;
    const end = zone.offset(last) === offset ? last + 1 : clockChange(from, last, zone);
    hours.push({ name: nameOfHour(hour, offset, zone), from, to: end });
    from = end;
  }
  return hours;
}

/** Whether no clocks change on a day, or so close to it that one of its hours would occur twice. */
function isSteady(from: number, to: number, zone: Zone): boolean {
  const near = 3 * unitLength.hour;
  return to - from === unitLength.day && zone.offset(from - near) === zone.offset(to + near);
}

function nameOfHour(local: number, offset: number, zone: Zone): string {
  const name = new Date(local).toISOString().slice(0, "2026-11-19T08".length);
  const ends = [local, local + unitLength.hour - 1];
  return ends.some((end) => instantsAt(end, zone).length > 1) ? name + formatOffset(offset) : name;
}

/** `+0530` */
function formatOffset(minutes: number): string {
  const size = Math.abs(minutes);
  return `${minutes < 0 ? "-" : "+"}${twoDigits(Math.floor(size / 60))}${twoDigits(size % 60)}`;
}

function twoDigits(value: number): string {
  return String(value).padStart(2, "0");
}
