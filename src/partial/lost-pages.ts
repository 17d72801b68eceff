import { readFile } from "node:fs/promises";
import { checksumOf } from "../checksum.js";
import type { RecordFormat } from "../formats/record-format.js";
import { DamagedExportError } from "./damaged-export-error.js";
import type { ExportState } from "./export-state.js";
import type { ChunkEntry, LostEntry, PageEntry } from "./journal-entry.js";
import { pageIn } from "./partial-names.js";

/**
 * Looks for pages that are on record but not in their files, as a power loss leaves it.
 *
 * @returns what is to be put on record about the slices that have lost pages
 * @throws DamagedExportError where a part of such a page is in the output, so that it cannot be
 *   fetched again
 */
export async function findLostPages(
  folder: string,
  { queue, pages, main }: ExportState,
  format: RecordFormat,
): Promise<LostEntry[]> {
  const lost: LostEntry[] = [];
  let start = format.header.length;
  for (const slice of queue.slices) {
    let there = 0;
    for (const [index, page] of (pages.get(slice) ?? []).entries()) {
      const path = pageIn(folder, slice.id, index + 1);
      const end = start + page.bytes;
      if (there === index && (end <= main.consumed || (await isThere(path, page, format)))) {
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
  format: RecordFormat,
): Promise<boolean> {
  const content = await readFile(path).catch(() => undefined);
  return (
    content !== undefined &&
    content.length === bytes &&
    checksumOf(content) === checksum &&
    format.openScanner().read(content, Number.POSITIVE_INFINITY).records === events
  );
}
