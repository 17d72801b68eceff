/**
 * Reads timestamps, given as JSON strings, as `readInstant` in `src/pages/instant.ts` does.
 *
 * Events come in the order of time, so that is asked once per hour rather than per event.
 */

import { colon, letterUpperZ, point, zero } from "./ascii";
import { readAnyTime } from "./host";
import { byteAt } from "./json-scanner";
import { hourLength } from "./limits";

/** Length of `"2026-11-19T23:59:56.488Z"`. */
const usualLength: usize = 26;

/** The last timestamp of the usual form, up to the colon after the hour; the sixteenth byte is 0. */
export const hourText: usize = memory.data(16, 16);
/** When that hour began, epoch milliseconds. */
export const hourTime: usize = memory.data(8, 8);

/** Epoch milliseconds, or NaN where the string is no date. */
export function readTime(start: usize, end: usize): f64 {
  if (end - start === usualLength && isInHour(start)) {
    const since = sinceHour(start + hourLength);
    if (since >= 0) {
      return load<f64>(hourTime) + <f64>since;
    }
  }
  return readAnyTime(start, end);
}

function isInHour(start: usize): bool {
  const difference = v128.xor(v128.load(start), v128.load(hourText));
  return (
    v128.extract_lane<u64>(difference, 0) === 0 && v128.extract_lane<u64>(difference, 1) << 8 === 0
  );
}

/** Milliseconds in `59:56.488Z"`, or -1 where it is something else. */
function sinceHour(start: usize): i32 {
  if (byteAt(start + 2) !== colon || byteAt(start + 5) !== point || byteAt(start + 9) !== letterUpperZ) {
    return -1;
  }
  const minute1 = digitAt(start);
  const minute2 = digitAt(start + 1);
  const second1 = digitAt(start + 3);
  const second2 = digitAt(start + 4);
  const millisecond1 = digitAt(start + 6);
  const millisecond2 = digitAt(start + 7);
  const millisecond3 = digitAt(start + 8);
  if (
    minute1 > 5 ||
    minute2 > 9 ||
    second1 > 5 ||
    second2 > 9 ||
    millisecond1 > 9 ||
    millisecond2 > 9 ||
    millisecond3 > 9
  ) {
    return -1;
  }
  return (
    60_000 * (10 * minute1 + minute2) +
    1000 * (10 * second1 + second2) +
    100 * millisecond1 +
    10 * millisecond2 +
    millisecond3
  );
}

/** More than 9 where there is no digit. */
function digitAt(at: usize): u32 {
  return byteAt(at) - zero;
}
