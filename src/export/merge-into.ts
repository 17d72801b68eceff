import { checksumOf } from "../checksum.js";
import type { PartFormat } from "../formats/record-format.js";
import type { OpenExport } from "../output/export-target.js";
import { requireSame } from "../partial/audit-totals.js";
import type { PartEntry } from "../partial/journal-entry.js";
import { partIn } from "../partial/partial-names.js";
import { addChunk, type Slice } from "../slices/slice.js";
import { unlessAborted } from "../unless-aborted.js";
import { mergeParts } from "./merge-parts.js";

/**
 * Merges all parts of a search into its export, chunk by chunk, or goes on with that.
 *
 * @param slice that the records come into
 * @throws DamagedExportError; OutputError; the reason of the signal
 */
export async function mergeInto(
  open: OpenExport,
  slice: Slice,
  parts: readonly PartEntry[],
  { find }: PartFormat,
  signal: AbortSignal,
): Promise<void> {
  const add = async (content: Uint8Array, records: number, isLast: boolean) => {
    addChunk(slice, { events: records, bytes: content.length, isLast });
    const chunk = { content, checksum: checksumOf(content), eventCount: records };
    await unlessAborted(open.addChunk(slice, chunk), signal);
  };
  if (slice.state !== "done") {
    const files = parts
      .filter(({ bytes }) => bytes > 0)
      .sort((a, b) => a.part - b.part)
      .map(({ part, bytes, checksum }) => {
        return { path: partIn(open.partsFolder, part), bytes, checksum };
      });
    let alreadyIn = slice.pages;
    for await (const { content, records } of mergeParts(files, find)) {
      signal.throwIfAborted();
      if (alreadyIn > 0) {
        alreadyIn -= 1;
      } else {
        await add(content, records, false);
      }
    }
    await add(Buffer.alloc(0), 0, true);
  }
  const events = parts.reduce((sum, part) => sum + part.events, 0);
  requireSame("events were merged", slice.events, events);
}
