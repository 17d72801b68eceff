import type { ConvertedPage } from "../pages/page-converter.js";
import type { Slice } from "./slice.js";

/**
 * Events of a page that came before: on the page before it, or on the last or first page of the slice
 * beside it. A server whose ranges or cursors overlap sends an event twice where they meet.
 *
 * @param slices newest first
 * @param isLast whether it is the slice's last page
 */
export function doubledOn(
  { ids }: ConvertedPage,
  slice: Slice,
  slices: readonly Slice[],
  isLast: boolean,
): number[] {
  const place = slices.indexOf(slice);
  const newer = slices[place - 1];
  const older = slices[place + 1];
  const neighbours: number[] = [];
  if (slice.events > 0) {
    neighbours.push(slice.lastId);
  } else if (newer?.state === "done") {
    neighbours.push(newer.lastId);
  }
  if (isLast && older) {
    neighbours.push(older.firstId);
  }
  return [...new Set(neighbours)].filter((id) => id !== 0 && ids.includes(id));
}

/**
 * Whether pages of the legacy API have moved since the last one of the slice was fetched, so that this
 * one does not begin where that one ended. They have numbers, not cursors: an event that comes in
 * moves all that is older towards later pages.
 *
 * @param doubled events of the page that came before
 */
export function hasShifted(page: ConvertedPage, slice: Slice, doubled: readonly number[]): boolean {
  if (slice.pages === 0) {
    return false;
  }
  const follows = Number.isFinite(page.newest) && page.newest < slice.oldest;
  return doubled.length > 0 || (page.totalCount !== slice.lastCount && !follows);
}
