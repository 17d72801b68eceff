import { unitLength } from "../time/units.js";
import { dayOf } from "./file-name.js";

/** Before there was a SparkPost, and long after this was written. */
const [first, last] = [Date.UTC(2010, 0, 1), Date.UTC(2100, 0, 1)];

/** Whether an archive can have anything of a time (epoch milliseconds). */
export function isPlausibleTime(time: number): boolean {
  return time >= first && time < last;
}

/** Whether an archive can have a file of a period by now. */
export function isPlausiblePeriod(name: string, now: number): boolean {
  const day = dayOf(name);
  // A day to spare for the zone, and one for a clock that was wrong.
  return isPlausibleTime(day) && day <= now + 2 * unitLength.day;
}
