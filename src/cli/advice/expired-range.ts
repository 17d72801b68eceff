import type { Zone } from "luxon";
import { isSparkPost } from "../../api/origin.js";
import { type CompleteSearch, granularityOf } from "../../api/search.js";
import type { Settings } from "../../config/settings.js";
import { ExpiredRangeError } from "../../errors.js";
import { refuseExpired } from "../../export/refuse-expired.js";
import { describeSpan } from "../../time/iso.js";
import { wholeUnitFrom } from "../../time/local-time.js";
import { expiredPart, writeRetention } from "../../time/retention.js";

/**
 * What a count of a range leaves out, in whole sentences.
 *
 * @throws ExpiredRangeError as an export of the range would
 */
export function missingFromCount(
  search: CompleteSearch,
  { retention, allowExpired }: Settings,
  now: number,
): string[] {
  if (!allowExpired) {
    refuseExpired(search, { now, retention });
  }
  const expired = expiredPart(search, { now, retention, granularity: granularityOf(search.api) });
  return expired
    ? [`Not counted is what SparkPost no longer has: ${describeSpan(expired, search.zone)}.`]
    : [];
}

/**
 * Adds to the error what can be written instead.
 *
 * @param written the range as it was given
 */
export function withStart(
  error: unknown,
  written: { readonly from: string; readonly to: string | undefined },
  to: number,
  { retention, origin, zone }: Settings,
): unknown {
  if (!(error instanceof ExpiredRangeError)) {
    return error;
  }
  const start = startAfter(error.keptFrom, to, zone);
  const end = (written.to ?? written.from).trim().replace(" ", "T");
  const most = writeRetention(retention);
  const ways =
    error.keptFrom < to
      ? [
          `Write ${start ? `${start} ${end}, or ` : ""}${most} ${end}: ${most} means as far back as there are events.`,
          "To export what is left of the range as it is written, add --allow-expired.",
        ]
      : [`Nothing of it can be had. For all that is there, write ${most} now.`];
  const longer = "If this host keeps events longer, say so with --retention.";
  error.hint = [...ways, ...(isSparkPost(origin) ? [] : [longer])].join(" ");
  return error;
}

/** The first whole hour from an instant on, as a range that ends at `to` can begin with it, or minute. */
function startAfter(instant: number, to: number, zone: Zone): string | undefined {
  const hour = wholeUnitFrom(instant, "hour", zone);
  if (hour.start < to) {
    return new Date(hour.local).toISOString().slice(0, "2026-11-19T08".length);
  }
  const minute = wholeUnitFrom(instant, "minute", zone);
  return minute.start < to
    ? new Date(minute.local).toISOString().slice(0, "2026-11-19T08:30".length)
    : undefined;
}
