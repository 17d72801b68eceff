import { Info, type Zone } from "luxon";
import { instantsAt } from "../time/local-time.js";
import { isUtc } from "../time/utc-zone.js";

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
  const zone = isUtc(sentZone) ? undefined : Info.normalizeZone(sentZone);
  return (text) => readInstant(text, zone);
}

function onlyInstantAt(local: number, zone: Zone): number {
  const [instant = Number.NaN, another] = instantsAt(local, zone);
  return another === undefined ? instant : Number.NaN;
}

function milliseconds(fraction = ""): number {
  return Number(fraction.slice(0, 3).padEnd(3, "0"));
}
