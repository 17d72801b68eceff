import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { pipeline } from "node:stream/promises";
import { createGunzip } from "node:zlib";
import type { RecordFormat } from "../formats/record-format.js";

export interface FileFacts {
  readonly bytes: number;
  readonly sha256: string;
}

/** Reads a whole file. */
export async function hashFile(path: string): Promise<FileFacts> {
  const hash = createHash("sha256");
  let bytes = 0;
  for await (const chunk of createReadStream(path, { highWaterMark: 1 << 20 })) {
    hash.update(chunk);
    bytes += chunk.length;
  }
  return { bytes, sha256: hash.digest("hex") };
}

export interface RecordFacts {
  /** Number of records behind the header, as far as the file can be read. */
  readonly rows: number;
  /** The first bytes, as many as the format has an opening. */
  readonly start: Buffer;
  /** Whether the file can be read to its end, and ends with a whole record. */
  readonly whole: boolean;
}

/** Reads a file, gzipped or not, record by record. */
export async function readRecords(
  path: string,
  gzip: boolean,
  { header, opening, openScanner }: RecordFormat,
): Promise<RecordFacts> {
  const scanner = openScanner();
  const headerRecords = header.length > 0 ? 1 : 0;
  let records = 0;
  let isReadable = true;
  let start = Buffer.alloc(0);
  const scan = async (chunks: AsyncIterable<Buffer>) => {
    for await (const chunk of chunks) {
      if (start.length < opening.length) {
        start = Buffer.concat([start, chunk.subarray(0, opening.length - start.length)]);
      }
      records += scanner.read(chunk, Number.POSITIVE_INFINITY).records;
    }
  };
  const file = createReadStream(path, { highWaterMark: 1 << 20 });
  try {
    await (gzip ? pipeline(file, createGunzip(), scan) : pipeline(file, scan));
  } catch (error) {
    if (!isGzipError(error)) {
      throw error;
    }
    isReadable = false;
  }
  return {
    rows: Math.max(0, records - headerRecords),
    start,
    whole: isReadable && scanner.betweenRecords && records >= headerRecords,
  };
}

function isGzipError(error: unknown): boolean {
  const { code = "" } = error as NodeJS.ErrnoException;
  return code.startsWith("Z_");
}
