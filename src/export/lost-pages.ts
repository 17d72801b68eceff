import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { crc32 } from "node:zlib";
import { DamagedExportError } from "./damaged-export-error.js";
import type { ExportState } from "./export-state.js";
import type { JournalEntry, PageEntry } from "./journal.js";
import { pageName } from "./page-assembly.js";

/** Of slices by id, the number of pages that are there before the first one that is not, if any. */
export type LostPages = ReadonlyMap<number, number>;

/**
 * Looks for pages that are on record but not in their files, as a power loss leaves it.
 *
 * @param header size of the CSV before the first page
 * @throws DamagedExportError where a part of such a page is in the output, so that it cannot be
 *   fetched again
 */
export async function findLostPages(
  folder: string,
  { queue, pages, main }: ExportState,
  header: number,
): Promise<LostPages> {
  const lost = new Map<number, number>();
  let start = header;
  for (const slice of queue.slices) {
    for (const [index, page] of (pages.get(slice) ?? []).entries()) {
      const path = join(folder, pageName(slice, index + 1));
      const end = start + page.bytes;
      if (end > main.consumed && !lost.has(slice.id) && !(await isThere(path, page))) {
        if (start < main.consumed) {
          throw new DamagedExportError(path);
        }
        lost.set(slice.id, index);
      }
      start = end;
    }
  }
  return lost;
}

async function isThere(path: string, { bytes, checksum }: PageEntry): Promise<boolean> {
  const csv = await readFile(path).catch(() => undefined);
  return csv !== undefined && csv.length === bytes && crc32(csv) === checksum;
}

/** The journal as it would be if its slices had not come further than that. */
export function withoutPages(entries: readonly JournalEntry[], lost: LostPages): JournalEntry[] {
  const pages = new Map<number, number>();
  return entries.filter((entry) => {
    if (entry.type === "restart") {
      pages.delete(entry.slice);
    }
    if (entry.type !== "page") {
      return true;
    }
    const index = pages.get(entry.slice) ?? 0;
    pages.set(entry.slice, index + 1);
    return index < (lost.get(entry.slice) ?? Number.POSITIVE_INFINITY);
  });
}
