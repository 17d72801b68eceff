/**
 * Local times and the instants they stand for.
 *
 * A local time is what a clock on the wall shows. It is held as the epoch milliseconds that the same
 * digits would have in UTC, so that 08:30 minus 08:00 is half an hour whatever the zone. When clocks
 * go back, one local time stands for two instants; when they go forward, some stand for none.
 */
import type { Zone } from "luxon";
import { clockChange } from "./clock-change.js";
import { type Unit, unitLength } from "./units.js";

/** A stretch of time in epoch milliseconds; `end` is exclusive. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

/** The local time that clocks in `zone` show at an instant (epoch milliseconds). */
export function toLocal(instant: number, zone: Zone): number {
  return instant + zone.offset(instant) * unitLength.minute;
}

/**
 * The instants that belong to the local times from `local` up to, not including, `local + length`.
 * A unit that occurs twice reaches from its first start to its last end. A bound that the clocks skip
 * moves to the first instant after the gap, so a unit that is skipped whole comes back empty.
 */
export function spanOf(local: number, length: number, zone: Zone): Span {
  // The end is looked up through the last millisecond *inside* the unit. Its end as a local time
  // may belong to a later pass of the clock: the hour before an hour that is repeated ends at the
  // first pass, the repeated one after the second.
  const last = local + length - 1;
  const lastInstant = instantsAt(last, zone).at(-1);
  return {
    start: instantsAt(local, zone)[0] ?? gapEnd(local, zone),
    end: lastInstant === undefined ? gapEnd(last, zone) : lastInstant + 1,
  };
}

/** All instants with a local time, earliest first: one as a rule, two or none at a change. */
export function instantsAt(local: number, zone: Zone): number[] {
  // No zone is more than 14 hours from UTC, so a day to either side is surely before and after any
  // change that concerns this local time; zones do not change twice in two days. Of two instants the
  // offset before the change gives the earlier one: clocks that go back had the larger offset.
  const offsets = [local - unitLength.day, local + unitLength.day].map((at) => zone.offset(at));
  return [...new Set(offsets)]
    .map((offset) => local - offset * unitLength.minute)
    .filter((instant) => toLocal(instant, zone) === local);
}

/**
 * The first whole unit that begins at an instant or later, as its local time. Of a unit that occurs
 * twice, both have to.
 */
export function wholeUnitFrom(instant: number, unit: Unit, zone: Zone): Span & { local: number } {
  const length = unitLength[unit];
  for (let local = Math.ceil(toLocal(instant, zone) / length) * length; ; local += length) {
    const span = spanOf(local, length, zone);
    if (span.start >= instant) {
      return { ...span, local };
    }
  }
}

/** The first instant after the gap that `local` lies in. */
function gapEnd(local: number, zone: Zone): number {
  return clockChange(local - unitLength.day, local + unitLength.day, zone);
}
