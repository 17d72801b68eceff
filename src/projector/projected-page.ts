import { readNextLink, readTotalCount } from "../api/answer.js";
import { Checksum } from "../checksum.js";
import type { PageBuffer } from "../page-buffer.js";
import type { ConvertedPage } from "../pages/page-converter.js";
import { type PageRange, selectRange } from "../pages/page-range.js";
import type { Wasm } from "./contract.js";
import type { Host } from "./host.js";
import type { ProjectorMemory } from "./projector-memory.js";

/** A copy goes on in pieces that fit into the processor's caches. */
const pieceSize = 128 * 1024;

/**
 * Takes a page out of a projector's memory, once its answer is complete.
 *
 * @param copy gets the bytes of the page: no view of the projector's memory gets out of here, since
 *   whoever kept one would see it empty later
 */
export function takePage(
  wasm: Wasm,
  { bytes, outputStart }: ProjectorMemory,
  { types, totalCount, links }: Host,
  range: PageRange,
  copy: PageBuffer,
): ConvertedPage {
  const { rowTimes, rowIds, rowEnds, rowTypes } = wasm.constants;
  const rows = wasm.rowCount();
  const times = new Float64Array(bytes.buffer, rowTimes, rows);
  const allIds = new Float64Array(bytes.buffer, rowIds, rows);
  const ends = new Uint32Array(bytes.buffer, rowEnds, rows);
  const typesOfRows = new Int32Array(bytes.buffer, rowTypes, rows);
  const counts = new Uint32Array(types.count + 1);
  /** Numbers of the types in the order in which they come. */
  const met: number[] = [];
  const { chosen, ...selection } = selectRange(times, range);
  const ids = new Float64Array(rows);
  let eventCount = 0;
  let length = 0;
  for (let row = 0; row < rows; row++) {
    if (chosen[row] === 0) {
      continue;
    }
    const start = row === 0 ? 0 : ends[row - 1]!;
    if (start > length) {
      bytes.copyWithin(outputStart + length, outputStart + start, outputStart + ends[row]!);
    }
    length += ends[row]! - start;
    ids[eventCount++] = allIds[row]!;
    const type = typesOfRows[row]!;
    if (counts[type]! === 0) {
      met.push(type);
    }
    counts[type]! += 1;
  }
  return {
    ...selection,
    eventCount,
    ids: ids.subarray(0, eventCount),
    totalCount: readTotalCount(totalCount),
    next: readNextLink(links),
    ...copyOf(bytes.subarray(outputStart, outputStart + length), copy),
    eventsByType: new Map(
      met
        // An event without a type has none to be counted by.
        .filter((number) => number > 0)
        .map((number) => [types.name(number), counts[number]!]),
    ),
  };
}

function copyOf(bytes: Uint8Array, copy: PageBuffer): Pick<ConvertedPage, "content" | "checksum"> {
  const checksum = new Checksum();
  copy.begin(bytes.length);
  for (let start = 0; start < bytes.length; start += pieceSize) {
    const piece = bytes.subarray(start, start + pieceSize);
    copy.write(piece);
    checksum.update(piece);
  }
  return { content: copy.bytes(), checksum: checksum.digest() };
}
