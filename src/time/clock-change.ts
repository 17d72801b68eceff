import type { Zone } from "luxon";

/**
 * When clocks in a zone are put forward or back: the first instant with another offset than `from`.
 *
 * @param from epoch milliseconds
 * @param to a later instant, with another offset; clocks are changed once in between
 */
export function clockChange(from: number, to: number, zone: Zone): number {
  const offset = zone.offset(from);
  let [before, after] = [from, to];
  while (after - before > 1) {
    const middle = Math.floor((before + after) / 2);
    if (zone.offset(middle) === offset) {
      before = middle;
    } else {
      after = middle;
    }
  }
  return after;
}
