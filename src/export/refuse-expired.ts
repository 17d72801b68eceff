import { type CompleteSearch, granularityOf } from "../api/search.js";
import { ExpiredRangeError } from "../errors.js";
import { describeSpan } from "../time/iso.js";
import { describeRetention, expiredPart, oldestKept, type Reach } from "../time/retention.js";

/** @throws ExpiredRangeError where a range begins more than an hour before what SparkPost keeps */
export function refuseExpired(
  { from, to, zone, api }: Pick<CompleteSearch, "from" | "to" | "zone" | "api">,
  { now, retention }: Pick<Reach, "now" | "retention">,
): void {
  const reach = { now, retention, granularity: granularityOf(api) };
  const expired = expiredPart({ from, to }, reach);
  if (!expired) {
    return;
  }
  const what = expired.to === to ? "all of this range is" : "the beginning of this range is";
  throw new ExpiredRangeError(
    `SparkPost keeps events for ${describeRetention(retention)}, so ${what} gone: ${describeSpan(expired, zone)}.`,
    oldestKept(reach),
    { hint: "With allowExpired, what is left is exported." },
  );
}
