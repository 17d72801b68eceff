import { createReadStream } from "node:fs";
import { readFile, stat } from "node:fs/promises";
import { pipeline } from "node:stream/promises";
import { crc32, createGunzip } from "node:zlib";
import { Checksum, checksumOf } from "../checksum.js";
import { formatOfName } from "../formats/file-name.js";
import type { RecordFormat } from "../formats/record-format.js";
import type { RecordScanner } from "../pages/record-scanner.js";
import { DamagedExportError } from "./damaged-export-error.js";
import type { ExportState } from "./export-state.js";
import type { FileState } from "./journal-entry.js";
import { folderOf, mainIn, pageIn } from "./partial-names.js";

/**
 * Proves that what has been assembled of an interrupted export to `path` is the header and then, byte by
 * byte, the pages that are on record as a part of it: their lengths add up, and each has its records and
 * its checksum. Reads all of it.
 *
 * @param splitRows the most records in a file; absent for a single file
 * @throws DamagedExportError naming the file that is not what was written
 */
export async function proveInterruptedFile(
  path: string,
  state: ExportState,
  format: RecordFormat,
  splitRows: number | undefined,
): Promise<void> {
  const { part = 1, consumed, ...last } = state.main;
  const { header } = format;
  const { isGzip } = formatOfName(path);
  const proof = new Proof(await expectedPieces(path, state, header.length), format.openScanner());
  for (let number = 1; number <= part; number++) {
    const file = mainIn(folderOf(path), number);
    const facts = number === part ? last : state.full.get(number);
    const begin = number === 1 ? header.subarray(0, consumed) : header;
    try {
      await readAssembled(file, facts, isGzip, begin, (records) => proof.add(records));
      if (number === part) {
        proof.end();
      } else if ((await stat(file)).size !== facts?.length) {
        throw new Error("it is longer");
      } else if (proof.records !== number * (splitRows ?? 0)) {
        throw new Error("another number of records ends with it");
      }
    } catch (error) {
      throw new DamagedExportError(file, error);
    }
  }
}

/** What comes next in the assembled files. */
interface ExpectedPiece {
  readonly bytes: number;
  readonly checksum: string;
  /** Absent for the beginning of a page, which may end in the midst of a record. */
  readonly records?: number;
}

async function expectedPieces(
  path: string,
  { queue, pages, main }: ExportState,
  header: number,
): Promise<ExpectedPiece[]> {
  const pieces: ExpectedPiece[] = [];
  let left = main.consumed - header;
  for (const slice of queue.slices) {
    for (const [index, { bytes, checksum, events }] of (pages.get(slice) ?? []).entries()) {
      if (left <= 0) {
        return pieces;
      }
      if (bytes <= left) {
        pieces.push({ bytes, checksum, records: events });
      } else {
        // The page waits in its file, which has been looked at.
        const page = await readFile(pageIn(folderOf(path), slice.id, index + 1));
        pieces.push({ bytes: left, checksum: checksumOf(page.subarray(0, left)) });
      }
      left -= bytes;
    }
  }
  return left > 0 ? [...pieces, { bytes: left, checksum: "that of no page" }] : pieces;
}

/** Holds what comes in chunks against the pieces that it should consist of. */
class Proof {
  /** Number of records so far. */
  records = 0;
  readonly #pieces: readonly ExpectedPiece[];
  readonly #scanner: RecordScanner;
  /** Number of the current piece, and how much of it is still to come. */
  #index = 0;
  #left: number;
  #checksum = new Checksum();
  /** Number of records when the current piece began. */
  #before = 0;

  constructor(pieces: readonly ExpectedPiece[], scanner: RecordScanner) {
    this.#scanner = scanner;
    this.#pieces = pieces.filter(({ bytes }) => bytes > 0);
    this.#left = this.#pieces[0]?.bytes ?? 0;
  }

  /** @throws Error where something else comes */
  add(chunk: Uint8Array): void {
    for (let rest = chunk; rest.length > 0; ) {
      const bytes = rest.subarray(0, this.#left);
      if (bytes.length === 0) {
        throw new Error("there is more than the pages on record");
      }
      this.#checksum.update(bytes);
      this.records += this.#scanner.read(bytes, Number.POSITIVE_INFINITY).records;
      rest = rest.subarray(bytes.length);
      this.#left -= bytes.length;
      if (this.#left === 0) {
        this.#endPiece();
      }
    }
  }

  /** @throws Error where something is missing */
  end(): void {
    if (this.#index < this.#pieces.length) {
      throw new Error("there is less than the pages on record");
    }
  }

  #endPiece(): void {
    const piece = this.#pieces[this.#index];
    const records = this.records - this.#before;
    if (piece?.checksum !== this.#checksum.digest()) {
      throw new Error("a page is not what it was");
    }
    if (records !== (piece.records ?? records)) {
      throw new Error("a page has another number of records");
    }
    this.#index += 1;
    this.#left = this.#pieces[this.#index]?.bytes ?? 0;
    this.#checksum = new Checksum();
    this.#before = this.records;
  }
}

/**
 * Reads an assembled file as far as it is on record.
 *
 * @param header that it begins with
 * @param take is handed what is behind the header
 * @throws Error where the file is another one
 */
async function readAssembled(
  path: string,
  facts: FileState | undefined,
  isGzip: boolean,
  header: Uint8Array,
  take: (records: Uint8Array) => void,
): Promise<void> {
  if (!facts) {
    throw new Error("it is not on record");
  }
  if (facts.length === 0) {
    // It is begun again, header and all.
    return;
  }
  let missing = header;
  const takeBehindHeader = async (chunks: AsyncIterable<Uint8Array>) => {
    for await (const chunk of chunks) {
      const start = chunk.subarray(0, missing.length);
      if (Buffer.compare(start, missing.subarray(0, start.length)) !== 0) {
        throw new Error("it has another header");
      }
      missing = missing.subarray(start.length);
      take(chunk.subarray(start.length));
    }
  };
  const file = createReadStream(path, { end: facts.length - 1, highWaterMark: 1 << 20 });
  const found = { length: 0, crc: 0 };
  const counted = async function* (chunks: AsyncIterable<Uint8Array>) {
    for await (const chunk of chunks) {
      found.length += chunk.length;
      found.crc = isGzip ? crc32(chunk, found.crc) : 0;
      yield chunk;
    }
  };
  await (isGzip
    ? pipeline(file, counted, createGunzip(), takeBehindHeader)
    : pipeline(file, counted, takeBehindHeader));
  if (missing.length > 0 || found.length !== facts.length || found.crc !== (facts.crc ?? 0)) {
    throw new Error("its length or its checksum is another one");
  }
}
