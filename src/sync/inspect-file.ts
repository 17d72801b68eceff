import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { pipeline } from "node:stream/promises";
import { createGunzip } from "node:zlib";
import { RecordScanner } from "../csv/record-scanner.js";

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

export interface CsvFacts {
  /** Number of records behind the header, as far as the file can be read. */
  readonly rows: number;
  /** The first bytes, as many as were asked for. */
  readonly start: Buffer;
  /** Whether the file can be read to its end, and ends with a whole record. */
  readonly whole: boolean;
}

/** Reads a CSV, gzipped or not, record by record. */
export async function readCsv(path: string, gzip: boolean, startLength = 0): Promise<CsvFacts> {
  const scanner = new RecordScanner();
  let records = 0;
  let last = true;
  let start = Buffer.alloc(0);
  const scan = async (chunks: AsyncIterable<Buffer>) => {
    for await (const chunk of chunks) {
      if (start.length < startLength) {
        start = Buffer.concat([start, chunk.subarray(0, startLength - start.length)]);
      }
      const read = scanner.read(chunk, Number.POSITIVE_INFINITY);
      records += read.records;
      last = chunk.at(-1) === lineFeed && scanner.outsideQuotes;
    }
  };
  const file = createReadStream(path, { highWaterMark: 1 << 20 });
  try {
    await (gzip ? pipeline(file, createGunzip(), scan) : pipeline(file, scan));
  } catch (error) {
    if (!isGzipError(error)) {
      throw error;
    }
    last = false;
  }
  return { rows: Math.max(0, records - 1), start, whole: last && records > 0 };
}

const lineFeed = 0x0a;

function isGzipError(error: unknown): boolean {
  const { code = "" } = error as NodeJS.ErrnoException;
  return code.startsWith("Z_");
}
