import { readFile } from "node:fs/promises";
import { checksumOf } from "../checksum.js";
import { RecordScanner } from "../csv/record-scanner.js";
import { DamagedExportError } from "./damaged-export-error.js";
import type { ExportState } from "./export-state.js";
import type { ChunkEntry, LostEntry, PageEntry } from "./journal.js";
import { pageIn } from "./partial-names.js";

/**
 * Looks for pages that are on record but not in their files, as a power loss leaves it.
 *
 * @param header size of the CSV before the first page
 * @returns what is to be put on record about the slices that have lost pages
 * @throws DamagedExportError where a part of such a page is in the output, so that it cannot be
 *   fetched again
 */
export async function findLostPages(
  folder: string,
  { queue, pages, main }: ExportState,
  header: number,
): Promise<LostEntry[]> {
  const lost: LostEntry[] = [];
  let start = header;
  for (const slice of queue.slices) {
    let there = 0;
    for (const [index, page] of (pages.get(slice) ?? []).entries()) {
      const path = pageIn(folder, slice.id, index + 1);
      const end = start + page.bytes;
      if (there === index && (end <= main.consumed || (await isThere(path, page)))) {
        there += 1;
      } else if (start < main.consumed) {
        throw new DamagedExportError(path);
      }
      start = end;
    }
    if (there < slice.pages) {
      lost.push({ type: "lost", slice: slice.id, pages: there });
    }
  }
  return lost;
}

async function isThere(
  path: string,
  { bytes, checksum, events }: PageEntry | ChunkEntry,
): Promise<boolean> {
  const csv = await readFile(path).catch(() => undefined);
  return (
    csv !== undefined &&
    csv.length === bytes &&
    checksumOf(csv) === checksum &&
    new RecordScanner().read(csv, Number.POSITIVE_INFINITY).records === events
  );
}
