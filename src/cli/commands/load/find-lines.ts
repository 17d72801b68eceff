import { createReadStream } from "node:fs";
import { open } from "node:fs/promises";
import { pipeline, Readable } from "node:stream";
import { createGunzip } from "node:zlib";
import { UsageError } from "../../../errors.js";
import { isSystemError, readFailure } from "../../../files/errno.js";
import type { Edges } from "../../process/edges.js";

/** A file of lines that can be read, or standard input. */
export interface LinesFile {
  /** For people. */
  readonly name: string;
  /** What is in it, unpacked. */
  read(): AsyncIterable<Uint8Array>;
}

const chunkSize = 1 << 20;

/**
 * Finds a file of lines, gzipped or not.
 *
 * @param word its path, or `-` for standard input
 * @throws UsageError where it cannot be read, or is of another format by its name
 */
export async function findLines(word: string, { stdin }: Edges): Promise<LinesFile> {
  if (word === "-") {
    return { name: "standard input", read: () => unpack(stdin, "Standard input") };
  }
  if (/\.(csv|xlsx|parquet|duckdb)(\.gz)?$/i.test(word)) {
    throw new UsageError(`${word} holds no JSON lines, by its name.`, {
      hint: "load takes what --format jsonl writes: an event per line, as SparkPost sent it.",
    });
  }
  try {
    const file = await open(word);
    // A folder can be opened, but not read.
    await file.read(Buffer.alloc(1), 0, 1).finally(() => file.close());
  } catch (error) {
    throw unreadable(error, word);
  }
  return {
    name: word,
    read: () => unpack(createReadStream(word, { highWaterMark: chunkSize }), word),
  };
}

/** Unpacks what begins as gzip does, whatever its name. */
async function* unpack(source: Readable, name: string): AsyncGenerator<Uint8Array> {
  try {
    const chunks = source[Symbol.asyncIterator]();
    const first = await chunks.next();
    if (first.done) {
      return;
    }
    const start = Buffer.from(first.value);
    const all = Readable.from(prepend(start, chunks), { objectMode: false });
    yield* isGzip(start) ? pipeline(all, createGunzip({ chunkSize }), () => {}) : all;
  } catch (error) {
    throw isSystemError(error) ? unreadable(error, name) : error;
  }
}

async function* prepend(
  start: Uint8Array,
  chunks: AsyncIterator<Uint8Array>,
): AsyncGenerator<Uint8Array> {
  yield start;
  for (let next = await chunks.next(); !next.done; next = await chunks.next()) {
    yield next.value;
  }
}

function isGzip(start: Uint8Array): boolean {
  return start[0] === 0x1f && start[1] === 0x8b;
}

function unreadable(error: unknown, name: string): UsageError {
  const { code = "" } = error as NodeJS.ErrnoException;
  return code.startsWith("Z_")
    ? new UsageError(`${name} is gzip that is cut off or damaged.`, {
        hint: "What could be read of it is in the store as far as it was loaded; load it again when it is whole: no event is kept twice.",
        cause: error,
      })
    : new UsageError(`Cannot read ${name}: ${readFailure(error)}.`, { cause: error });
}
