import { createHash } from "node:crypto";
import { type FileHandle, open } from "node:fs/promises";
import { hashMark, keyColumns, longestId } from "../sql/schema.js";
import { storeColumns } from "../store-columns.js";

/** The columns of the events as they are copied, in this order. */
export const copiedColumns = ["time", "identity", "form", ...keyColumns, "event"] as const;

/**
 * The records of a store's CSV file as rows of PostgreSQL's binary COPY. A server takes these in a
 * fraction of the time, since it has nothing to look for in them; and the last one first: events come
 * newest first, and an index of times that grows at its end has no gaps.
 */
export class BinaryRows {
  /** Number of rows that were given. */
  count = 0;
  /** Times of the oldest and the newest of them, epoch milliseconds. */
  oldest = Infinity;
  newest = -Infinity;
  readonly #path: string;
  readonly #fallbackTime: number;
  readonly #bounds = new Int32Array(2 * storeColumns.length);

  /** @param fallbackTime epoch milliseconds, for events whose own time cannot be read */
  constructor(path: string, fallbackTime: number) {
    this.#path = path;
    this.#fallbackTime = fallbackTime;
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Buffer> {
    const file = await open(this.#path);
    try {
      const segments = await this.#findSegments(file);
      yield header;
      for (const segment of segments.reverse()) {
        yield this.#convert(withoutNul(await readAt(file, segment.start, segment.length)), segment);
      }
      yield trailer;
    } finally {
      await file.close();
    }
  }

  /** Whole records that are read at once. */
  async #findSegments(file: FileHandle): Promise<Segment[]> {
    const segments: Segment[] = [];
    const { size } = await file.stat();
    let start = (await readAt(file, 0, segmentLength)).indexOf(lineFeed) + 1;
    for (let length = segmentLength; start < size; ) {
      const bytes = await readAt(file, start, length);
      let end = 0;
      let records = 0;
      for (let next = 0; next !== -1; next = findFields(bytes, end, this.#bounds)) {
        records += next > 0 ? 1 : 0;
        end = next;
      }
      if (records > 0) {
        segments.push({ start, length: end, records });
        start += end;
        length = segmentLength;
      } else if (bytes.length === length) {
        length *= 2;
      } else {
        throw new Error(`The last record of ${this.#path} has no end.`);
      }
    }
    return segments;
  }

  #convert(bytes: Buffer, { records }: Segment): Buffer {
    const rows = new RowWriter(bytes.length, records);
    for (let at = 0; at < bytes.length; ) {
      const end = findFields(bytes, at, this.#bounds);
      const time = timeOf(bytes, this.#bounds) ?? this.#fallbackTime;
      rows.add(time, bytes, this.#bounds);
      this.oldest = Math.min(this.oldest, time);
      this.newest = Math.max(this.newest, time);
      at = end;
    }
    this.count += records;
    return rows.lastFirst();
  }
}

interface Segment {
  /** Where it begins in the file. */
  readonly start: number;
  /** In bytes. */
  readonly length: number;
  readonly records: number;
}

/** In bytes; a longer record has one of its own. */
const segmentLength = 2 ** 18;

async function readAt(file: FileHandle, start: number, length: number): Promise<Buffer> {
  const { buffer, bytesRead } = await file.read(Buffer.allocUnsafe(length), 0, length, start);
  return buffer.subarray(0, bytesRead);
}

const substitute = Buffer.from("\u{fdd0}");

/** PostgreSQL has no U+0000 in texts: where one stands, U+FDD0 is kept, which no text has for itself. */
function withoutNul(bytes: Buffer): Buffer {
  const pieces: Buffer[] = [];
  let start = 0;
  for (let at = bytes.indexOf(0); at !== -1; at = bytes.indexOf(0, start)) {
    pieces.push(bytes.subarray(start, at), substitute);
    start = at + 1;
  }
  return pieces.length > 0 ? Buffer.concat([...pieces, bytes.subarray(start)]) : bytes;
}

const header = Buffer.from("PGCOPY\n\xff\r\n\0\0\0\0\0\0\0\0\0", "latin1");
const trailer = Buffer.from([0xff, 0xff]);

const lineFeed = 0x0a;
const comma = 0x2c;
const quote = 0x01;

/**
 * Finds the fields of a record, each as its first byte and its end; a quoted one with its quotes.
 *
 * @returns where the next record begins; -1 where this one has no end
 */
function findFields(bytes: Buffer, start: number, bounds: Int32Array): number {
  const { length } = bytes;
  let at = start;
  for (let field = 0; field < bounds.length; field += 2) {
    bounds[field] = at;
    while (at < length && bytes[at] === quote) {
      const end = bytes.indexOf(quote, at + 1);
      if (end === -1) {
        return -1;
      }
      at = end + 1;
    }
    for (let byte = bytes[at]; byte !== comma && byte !== lineFeed; byte = bytes[at]) {
      if (byte === undefined) {
        return -1;
      }
      at++;
    }
    bounds[field + 1] = at++;
  }
  return at;
}

function fieldOf(name: string): number {
  return 2 * storeColumns.findIndex(({ header: column }) => column === name);
}

const fields = {
  id: fieldOf("event_id"),
  timestamp: fieldOf("timestamp"),
  event: fieldOf("event"),
  keys: keyColumns.map(fieldOf),
};

/** The most that a row has beyond its record: the lengths of its fields, its time, and a hash. */
const mostOverhead = 2 + copiedColumns.length * 4 + 100;

/** Milliseconds from 1970 to 2000, where PostgreSQL's times begin. */
const beginning = Date.UTC(2000, 0, 1);

class RowWriter {
  readonly #out: Buffer;
  readonly #ends: number[] = [];
  #end = 0;

  /** @param bytes of the records */
  constructor(bytes: number, records: number) {
    this.#out = Buffer.allocUnsafe(bytes + records * mostOverhead);
  }

  /** @param time epoch milliseconds */
  add(time: number, bytes: Buffer, bounds: Int32Array): void {
    this.#end = this.#out.writeInt16BE(copiedColumns.length, this.#end);
    this.#end = this.#out.writeInt32BE(8, this.#end);
    this.#end = this.#out.writeBigInt64BE(BigInt(time - beginning) * 1000n, this.#end);
    this.#addIdentity(bytes, bounds);
    this.#end = this.#out.writeInt32BE(2, this.#end);
    this.#end = this.#out.writeInt16BE(0, this.#end);
    for (const field of fields.keys) {
      this.#addField(bytes, bounds, field);
    }
    this.#addField(bytes, bounds, fields.event);
    this.#ends.push(this.#end);
  }

  lastFirst(): Buffer {
    const rows = Buffer.allocUnsafe(this.#end);
    let at = 0;
    for (let index = this.#ends.length - 1; index >= 0; index--) {
      at += this.#out.copy(rows, at, this.#ends[index - 1] ?? 0, this.#ends[index]);
    }
    return rows;
  }

  #addIdentity(bytes: Buffer, bounds: Int32Array): void {
    const start = this.#end;
    this.#addField(bytes, bounds, fields.id);
    const id = this.#out.subarray(start + 4, this.#end);
    const isPlain =
      id.length > 0 && id.length <= longestId && (id[0] !== hashMark.charCodeAt(0) || !isHash(id));
    if (!isPlain) {
      this.#end = start;
      this.#addText(unusualIdentity(id, () => fieldText(bytes, bounds, fields.event)));
    }
  }

  #addText(text: string): void {
    const length = this.#out.write(text, this.#end + 4);
    this.#out.writeInt32BE(length, this.#end);
    this.#end += 4 + length;
  }

  #addField(bytes: Buffer, bounds: Int32Array, field: number): void {
    const start = bounds[field] ?? 0;
    const end = bounds[field + 1] ?? 0;
    const out = this.#out;
    let at = this.#end + 4;
    if (start === end) {
      this.#end = out.writeInt32BE(-1, this.#end);
      return;
    }
    if (bytes[start] === quote) {
      at += copyQuoted(bytes, start + 1, end - 1, out, at);
    } else {
      for (let from = start; from < end; from++) {
        out[at++] = bytes[from] as number;
      }
    }
    out.writeInt32BE(at - this.#end - 4, this.#end);
    this.#end = at;
  }
}

/** @returns number of bytes */
function copyQuoted(bytes: Buffer, start: number, end: number, out: Buffer, at: number): number {
  let length = 0;
  let from = start;
  // A quote within is doubled.
  for (let next = bytes.indexOf(quote, from); next < end && next !== -1; ) {
    length += bytes.copy(out, at + length, from, next + 1);
    from = next + 2;
    next = bytes.indexOf(quote, from);
  }
  return length + bytes.copy(out, at + length, from, end);
}

function fieldText(bytes: Buffer, bounds: Int32Array, field: number): Buffer {
  const [start = 0, end = 0] = bounds.subarray(field, field + 2);
  if (bytes[start] !== quote) {
    return bytes.subarray(start, end);
  }
  const text = Buffer.allocUnsafe(end - start);
  return text.subarray(0, copyQuoted(bytes, start + 1, end - 1, text, 0));
}

function isHash(id: Buffer): boolean {
  return id.toString("latin1", 0, hashMark.length) === hashMark;
}

/** As `identityOf` has it in SQL. */
function unusualIdentity(id: Buffer, event: () => Buffer): string {
  if (id.length === 0) {
    return hashMark + sha256(event());
  }
  const text = id.toString();
  return [...text].length > longestId || isHash(id) ? hashMark + sha256(id) : text;
}

function sha256(bytes: Buffer): string {
  return createHash("sha256").update(bytes).digest("hex");
}

const zero = 0x30;
const point = 0x2e;

/**
 * When an event happened, epoch milliseconds: its timestamp has 9 to 12 digits, a point, and 3 more.
 *
 * @returns undefined where it has another form
 */
function timeOf(bytes: Buffer, bounds: Int32Array): number | undefined {
  const start = bounds[fields.timestamp] ?? 0;
  const end = bounds[fields.timestamp + 1] ?? 0;
  const length = end - start;
  if (length < 13 || length > 16 || bytes[end - 4] !== point) {
    return undefined;
  }
  let time = 0;
  for (let at = start; at < end; at++) {
    if (at !== end - 4) {
      const digit = (bytes[at] ?? 0) - zero;
      if (digit < 0 || digit > 9) {
        return undefined;
      }
      time = time * 10 + digit;
    }
  }
  return time;
}
