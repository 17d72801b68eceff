import { UsageError } from "../errors.js";
import { floorToUnit, type Unit, unitLength } from "./units.js";

/** SparkPost keeps events this long, in milliseconds. */
export const defaultRetention = 10 * unitLength.day;

/** Nobody knows to the minute when SparkPost lets go of an event, nor whether its clock agrees. */
export const leavingMargin = unitLength.hour;

export interface Reach {
  /** Epoch milliseconds. */
  readonly now: number;
  /** How long events are kept, in milliseconds; `Infinity` for good. */
  readonly retention: number;
  /** What ranges are rounded to, so that `10d` is not a fraction of a second too old. */
  readonly granularity: "second" | "minute";
}

/** In epoch milliseconds; `to` is exclusive. */
export interface TimeSpan {
  readonly from: number;
  readonly to: number;
}

/** Epoch milliseconds before which events are no longer there; `-Infinity` where all are. */
export function oldestKept({ now, retention, granularity }: Reach): number {
  return floorToUnit(now - retention, granularity);
}

/**
 * What of a range is no longer there.
 *
 * @returns undefined where it begins an hour before what is kept, or later
 */
export function expiredPart({ from, to }: TimeSpan, reach: Reach): TimeSpan | undefined {
  const oldest = oldestKept(reach);
  return from < oldest - leavingMargin ? { from, to: Math.min(to, oldest) } : undefined;
}

/** For people: `10 days`, `36 hours`. */
export function describeRetention(retention: number): string {
  const unit = unitOf(retention);
  const count = retention / unitLength[unit];
  return `${count} ${unit}${count === 1 ? "" : "s"}`;
}

/** As a range can begin with it: `10d`, `36h`. */
export function writeRetention(retention: number): string {
  const unit = unitOf(retention);
  return `${retention / unitLength[unit]}${unit[0]}`;
}

/** The largest unit that a duration is made of. */
function unitOf(duration: number): Unit {
  const units: readonly Unit[] = ["day", "hour", "minute"];
  return units.find((unit) => duration % unitLength[unit] === 0) ?? "second";
}

/** @throws UsageError where it is no length of time */
export function requireRetention(retention: unknown): asserts retention is number {
  if (!(typeof retention === "number" && retention > 0)) {
    throw new UsageError("retention must be a number of milliseconds, or Infinity.");
  }
}
