import { FixedOffsetZone, type Zone } from "luxon";
import { type Unit, unitLength } from "./units.js";

/** What a text turned out to be when it was read as a date or a time of day on a date. */
export type CalendarReading =
  | {
      readonly kind: "time";
      /** Local time at which the unit begins; see local-time.ts. */
      readonly local: number;
      /** The unit it is written in, so a day for `2026-11-19`. */
      readonly unit: Unit;
      /** The offset written behind it, if any. */
      readonly zone: Zone | undefined;
    }
  | {
      /** Right in form, but no calendar or clock shows it. */
      readonly kind: "impossible";
      /** Half a sentence that says why. */
      readonly problem: string;
    }
  | { readonly kind: "unreadable" };

const form =
  /^\d{4}-\d{2}-\d{2}(?:[T ](\d{2})(?::(\d{2})(?::(\d{2}))?)?)?(Z|([+-])(\d{2})(?::?(\d{2}))?)?$/i;

/**
 * Reads `2026-11-19`, `2026-11-19T08`, `2026-11-19T08:30` or `2026-11-19T08:30:15`, each with or
 * without `Z` or an offset (`+02:00`, `+0200`, `+02`). Small letters and a space for the T will do.
 */
export function readCalendarTime(text: string): CalendarReading {
  const match = form.exec(text);
  if (match === null) return { kind: "unreadable" };

  const date = text.slice(0, 10);
  const midnight = Date.parse(date);
  // February 30 is carried over into March, while month 13 is not a number.
  if (Number.isNaN(midnight) || new Date(midnight).toISOString().slice(0, 10) !== date) {
    return { kind: "impossible", problem: "there is no such day" };
  }
  const [hour, minute, second] = match.slice(1, 4).map((digits) => Number(digits ?? 0)) as [
    number,
    number,
    number,
  ];
  if (hour > 23) return { kind: "impossible", problem: "hours go from 00 to 23" };
  if (minute > 59) return { kind: "impossible", problem: "minutes go from 00 to 59" };
  if (second > 59) return { kind: "impossible", problem: "seconds go from 00 to 59" };

  const zone = readOffset(match);
  if (zone === "impossible") {
    return { kind: "impossible", problem: "offsets go from -12:00 to +14:00" };
  }
  return {
    kind: "time",
    local:
      midnight + hour * unitLength.hour + minute * unitLength.minute + second * unitLength.second,
    unit: smallestUnit(match),
    zone,
  };
}

function smallestUnit(match: RegExpExecArray): Unit {
  if (match[3] !== undefined) return "second";
  if (match[2] !== undefined) return "minute";
  return match[1] !== undefined ? "hour" : "day";
}

function readOffset(match: RegExpExecArray): Zone | "impossible" | undefined {
  const [written, sign, hours, minutes = "0"] = match.slice(4);
  if (written === undefined) return undefined;
  if (sign === undefined) return FixedOffsetZone.utcInstance;
  const size = Number(hours) * 60 + Number(minutes);
  const largest = sign === "-" ? 12 * 60 : 14 * 60;
  if (Number(minutes) > 59 || size > largest) return "impossible";
  return FixedOffsetZone.instance(sign === "-" ? -size : size);
}
