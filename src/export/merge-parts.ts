import { type FileHandle, open } from "node:fs/promises";
import { Checksum } from "../checksum.js";
import { PageBuffer } from "../page-buffer.js";
import { DamagedExportError } from "../partial/damaged-export-error.js";
import { NewestFirst } from "./newest-first.js";
import { PartReader, type ReadAt } from "./part-reader.js";

/** A file of CSV records without a header, newest first, whose first field is their timestamp. */
export interface PartFile {
  readonly path: string;
  readonly bytes: number;
  /** `checksumOf` the file. */
  readonly checksum: string;
}

export interface MergedChunk {
  /** Whole records without the timestamp in front. Valid until the next chunk is asked for. */
  readonly csv: Uint8Array;
  readonly records: number;
}

export interface MergeOptions {
  /** Number of fields in a record, but for the timestamp in front. */
  readonly columns: number;
  /** Between fields; a single byte. Default: a comma. */
  readonly delimiter?: string;
  /** Size of a chunk, but for the rest of its last record, in bytes. Default: 4 MiB. */
  readonly chunkSize?: number;
}

/** Memory that all parts together are read through, in bytes. */
const readMemory = 32 << 20;
const shortestPiece = 8 << 10;
const longestPiece = 1 << 20;

const emptyField = Buffer.from('""');

/**
 * Merges parts into one, newest first; of records with the same time, those of the earlier part come
 * first. The same parts always make the same chunks.
 *
 * @throws DamagedExportError where a file is not what was written
 */
export async function* mergeParts(
  parts: readonly PartFile[],
  { columns, delimiter = ",", chunkSize = 4 << 20 }: MergeOptions,
): AsyncGenerator<MergedChunk, void, undefined> {
  const fairShare = Math.floor(readMemory / Math.max(1, parts.length));
  const pieceSize = Math.min(longestPiece, Math.max(shortestPiece, fairShare));
  const readers = [];
  for (const part of parts) {
    const reader = new PartReader(readerOf(part), pieceSize, delimiter.charCodeAt(0));
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
    if (columns === 1 && isBlank(record)) {
      // An empty line would be no record for many readers.
      chunk.write(emptyField);
    }
    chunk.write(record);
    length += record.length;
    records += 1;
    if (newest.advance() || (await fill(newest, newest.part))) {
      heap.update();
    } else {
      heap.removeTop();
    }
    if (length >= chunkSize || !heap.top) {
      yield { csv: chunk.bytes(), records };
      chunk.begin();
      length = 0;
      records = 0;
    }
  }
}

/** Whether there is nothing but the end of the record, LF or CR LF. */
function isBlank(record: Uint8Array): boolean {
  return record.length === 1 || (record.length === 2 && record[0] === 0x0d);
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
