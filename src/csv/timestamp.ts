import type { Zone } from "luxon";
import { instantsAt } from "../time/local-time.js";
import { type TimestampFormat, zoneOf } from "./csv-layout.js";

/** The event properties that hold a time. */
export const timeProperties: ReadonlySet<string> = new Set([
  "timestamp",
  "injection_time",
  "scheduled_time",
]);

const isoForm =
  /^(\d{4}-(\d\d)-(\d\d))[T ]((?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d)(?:\.(\d{1,9}))?(?:(Z)|([+-])([01]\d|2[0-3]):([0-5]\d))?$/;

/** Most times that are sent; JavaScript reads these alike, in a quarter of the time. */
const usualForm =
  /^20\d\d-(?:0[1-9]|1[0-2])-(?:0[1-9]|1\d|2[0-8])T(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d\.\d{3}(?:Z|\+00:00)$/;

/** From 1973 to 2286: what has fewer digits may be a year or a day, and more are no seconds. */
const epochForm = /^(\d{9,10})(?:\.(\d{1,9}))?$/;

/** Whatever the zone, the year has four digits. */
const end = Date.UTC(9999, 11, 31);

/**
 * Reads a time as SparkPost sends it, cut to the millisecond.
 *
 * Source: SparkPost API documentation: ISO 8601 with an offset, or Unix seconds for `scheduled_time`.
 *
 * @param zone of a time that has none with it; undefined for UTC
 * @returns epoch milliseconds, or NaN where the text is something else, lies before 1970, or stands
 *   for two instants or none, since clocks were changed
 */
export function readInstant(text: string, zone?: Zone): number {
  if (usualForm.test(text)) {
    return Date.parse(text);
  }
  const [, seconds, secondFraction] = epochForm.exec(text) ?? [];
  if (seconds !== undefined) {
    return Number(seconds) * 1000 + milliseconds(secondFraction);
  }
  const match = isoForm.exec(text);
  if (!match) {
    return Number.NaN;
  }
  const [, days, month, day, time, fraction, utc, sign, hours = 0, minutes = 0] = match;
  const date = new Date(`${days}T${time}Z`);
  // JavaScript takes 30 February for 2 March.
  if (date.getUTCMonth() + 1 !== Number(month) || date.getUTCDate() !== Number(day)) {
    return Number.NaN;
  }
  const offset = (Number(hours) * 60 + Number(minutes)) * (sign === "-" ? -60_000 : 60_000);
  const local = date.getTime() + milliseconds(fraction);
  const hasZone = utc !== undefined || sign !== undefined;
  const instant = hasZone || !zone ? local - offset : onlyInstantAt(local, zone);
  return instant >= 0 && instant < end ? instant : Number.NaN;
}

/**
 * Reads times as `readInstant` does.
 *
 * @param sentZone name of the zone of times that are sent without one
 */
export function instantReader(sentZone: string): (text: string) => number {
  const zone = isUtc(sentZone) ? undefined : zoneOf(sentZone);
  return (text) => readInstant(text, zone);
}

function onlyInstantAt(local: number, zone: Zone): number {
  const [instant = Number.NaN, another] = instantsAt(local, zone);
  return another === undefined ? instant : Number.NaN;
}

function milliseconds(fraction = ""): number {
  return Number(fraction.slice(0, 3).padEnd(3, "0"));
}

/**
 * Writes an instant.
 *
 * @param instant epoch milliseconds
 * @param offset seconds that the zone is ahead of UTC at that instant; undefined for UTC itself
 */
export function formatInstant(
  instant: number,
  format: Exclude<TimestampFormat, "raw">,
  offset: number | undefined,
): string {
  if (format === "epoch") {
    return (instant / 1000).toFixed(3);
  }
  const local = new Date(instant + (offset ?? 0) * 1000).toISOString();
  return format === "spreadsheet"
    ? local.slice(0, "2026-11-19T23:59:56".length).replace("T", " ")
    : local.slice(0, -1) + formatOffset(offset);
}

function formatOffset(offset: number | undefined): string {
  if (offset === undefined) {
    return "Z";
  }
  const distance = Math.abs(offset);
  const units = [Math.floor(distance / 3600), Math.floor(distance / 60) % 60];
  if (distance % 60 !== 0) {
    // Liberia was 44 minutes and 30 seconds behind until 1972, the last of its kind.
    units.push(distance % 60);
  }
  const digits = units.map((unit) => String(unit).padStart(2, "0")).join(":");
  return `${offset < 0 ? "-" : "+"}${digits}`;
}

/** Whether a zone is UTC, rather than one whose clocks show the same now and then. */
export function isUtc(zoneName: string): boolean {
  return /^(?:Etc\/)?(?:UTC|UCT|Zulu|Universal)$/i.test(zoneName);
}
