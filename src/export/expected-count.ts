/**
 * How many events an export must hold to be complete.
 *
 * Source: SparkPost's events are available "generally within 1 minute", so `total_count` may grow
 * between the pages of a range that ends in the last few minutes. Those late events are newer than
 * the cursor, which runs from newest to oldest; an export that began before them is complete without
 * them. The count of a range that ended earlier does not grow: where it does, events are missing.
 */
const settling = 10 * 60_000;

/**
 * @param counts `total_count` of the first page and the highest of all pages
 * @param to end of the range, epoch milliseconds
 * @param started when the export began, epoch milliseconds
 */
export function expectedCount(
  counts: { readonly firstCount: number | undefined; readonly highestCount: number },
  to: number,
  started: number,
): number {
  return to > started - settling ? (counts.firstCount ?? 0) : counts.highestCount;
}
