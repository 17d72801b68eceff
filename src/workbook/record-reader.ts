import type { FileHandle } from "node:fs/promises";

const quote = 0x22;
const comma = 0x2c;
const lineFeed = 0x0a;
const firstSize = 1 << 20;

/**
 * Reads a CSV whose texts are all in quotes, record by record, without making anything of the fields:
 * it says where they are.
 */
export class RecordReader {
  /** What was read last of the file; it holds the fields of the current record. */
  bytes = Buffer.allocUnsafeSlow(firstSize);
  /** Where in `bytes` each field of the current record starts, without its quotes. */
  readonly starts: Uint32Array;
  /** Where each field ends. */
  readonly ends: Uint32Array;
  /** 1 for a field in quotes, in which a quote is doubled. */
  readonly quoted: Uint8Array;
  readonly #file: FileHandle;
  /** How much of `bytes` is filled. */
  #length = 0;
  /** Where the next record starts. */
  #next = 0;

  constructor(file: FileHandle, fields: number) {
    this.#file = file;
    this.starts = new Uint32Array(fields);
    this.ends = new Uint32Array(fields);
    this.quoted = new Uint8Array(fields);
  }

  /** @returns false where the file has no more; the rest of `bytes` stays */
  async fill(): Promise<boolean> {
    this.bytes.copyWithin(0, this.#next, this.#length);
    this.#length -= this.#next;
    this.#next = 0;
    if (this.#length > this.bytes.length / 2) {
      const larger = Buffer.allocUnsafeSlow(this.bytes.length * 2);
      larger.set(this.bytes.subarray(0, this.#length));
      this.bytes = larger;
    }
    const { bytesRead } = await this.#file.read(this.bytes, this.#length);
    this.#length += bytesRead;
    return bytesRead > 0;
  }

  /** Whether something is left that is no whole record. */
  get hasRest(): boolean {
    return this.#next < this.#length;
  }

  /** Calls back for up to so many records that are in `bytes` already, which are read again later. */
  look(most: number, see: () => void): void {
    const start = this.#next;
    for (let records = 0; records < most && this.next(); records++) {
      see();
    }
    this.#next = start;
  }

  /**
   * Goes to the next record.
   *
   * @returns false where it is not all in `bytes`
   */
  next(): boolean {
    const { bytes, starts, ends, quoted } = this;
    const length = this.#length;
    const last = starts.length - 1;
    let at = this.#next;
    for (let field = 0; field <= last; field++) {
      const isQuoted = bytes[at] === quote;
      let end = isQuoted ? at + 1 : at;
      starts[field] = end;
      if (isQuoted) {
        end = endOfQuoted(bytes, end, length);
      } else {
        while (end < length && bytes[end] !== comma && bytes[end] !== lineFeed) {
          end++;
        }
      }
      ends[field] = end;
      quoted[field] = isQuoted ? 1 : 0;
      at = isQuoted ? end + 1 : end;
      if (at >= length) {
        return false;
      }
      if (bytes[at] !== (field === last ? lineFeed : comma)) {
        throw new Error("a record of the CSV has another number of fields than the header");
      }
      at++;
    }
    this.#next = at;
    return true;
  }
}

/** @returns index of the quote that ends the field; `length` where that, or what follows it, is not there */
function endOfQuoted(bytes: Uint8Array, start: number, length: number): number {
  let end = start;
  for (;;) {
    while (end < length && bytes[end] !== quote) {
      end++;
    }
    if (end + 1 >= length) {
      return length;
    }
    if (bytes[end + 1] !== quote) {
      return end;
    }
    end += 2;
  }
}
