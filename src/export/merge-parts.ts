import { type FileHandle, open } from "node:fs/promises";
import { Checksum } from "../checksum.js";
import { PageBuffer } from "../page-buffer.js";
import type { FindPartRecord } from "../pages/find-part-record.js";
import { DamagedExportError } from "../partial/damaged-export-error.js";
import { NewestFirst } from "./newest-first.js";
import { PartReader, type ReadAt } from "./part-reader.js";

/** A file of records without a header, newest first. */
export interface PartFile {
  readonly path: string;
  readonly bytes: number;
  /** `checksumOf` the file. */
  readonly checksum: string;
}

export interface MergedChunk {
  /** Whole records. Valid until the next chunk is asked for. */
  readonly content: Uint8Array;
  readonly records: number;
}

/** Size of a chunk, but for the rest of its last record, in bytes. */
const usualChunk = 4 << 20;

/** Memory that all parts together are read through, in bytes. */
const readMemory = 32 << 20;
const shortestPiece = 8 << 10;
const longestPiece = 1 << 20;

/**
 * Merges parts into one, newest first; of records with the same time, those of the earlier part come
 * first. The same parts always make the same chunks.
 *
 * @throws DamagedExportError where a file is not what was written
 */
export async function* mergeParts(
  parts: readonly PartFile[],
  find: FindPartRecord,
  chunkSize = usualChunk,
): AsyncGenerator<MergedChunk, void, undefined> {
  const fairShare = Math.floor(readMemory / Math.max(1, parts.length));
  const pieceSize = Math.min(longestPiece, Math.max(shortestPiece, fairShare));
  const readers = [];
  for (const part of parts) {
    const reader = new PartReader(readerOf(part), pieceSize, find);
    if (await fill(reader, part)) {
      readers.push(Object.assign(reader, { part }));
    }
  }
  const chunk = new PageBuffer();
  let length = 0;
  let records = 0;
  const heap = new NewestFirst(readers);
  for (let newest = heap.top; newest; newest = heap.top) {
    const record = newest.record();
    chunk.write(record);
    length += record.length;
    records += 1;
    if (newest.advance() || (await fill(newest, newest.part))) {
      heap.update();
    } else {
      heap.removeTop();
    }
    if (length >= chunkSize || !heap.top) {
      yield { content: chunk.bytes(), records };
      chunk.begin();
      length = 0;
      records = 0;
    }
  }
}

async function fill(reader: PartReader, { path }: PartFile): Promise<boolean> {
  try {
    return await reader.fill();
  } catch (error) {
    throw error instanceof DamagedExportError ? error : new DamagedExportError(path, error);
  }
}

/** Opens the file for each piece: there may be more parts than a process may have files open. */
function readerOf({ path, bytes, checksum }: PartFile): ReadAt {
  const found = new Checksum();
  return async (into, position) => {
    const file: FileHandle = await open(path, "r");
    try {
      if ((await file.stat()).size !== bytes) {
        throw new DamagedExportError(path);
      }
      const { bytesRead } = await file.read(into, 0, into.length, position);
      found.update(into.subarray(0, bytesRead));
      if (bytesRead === 0 && found.digest() !== checksum) {
        throw new DamagedExportError(path);
      }
      return bytesRead;
    } finally {
      await file.close();
    }
  };
}
