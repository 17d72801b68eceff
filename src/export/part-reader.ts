import { readInstant } from "../csv/timestamp.js";

const lineFeed = 0x0a;
const quote = 0x22;

/**
 * Reads into the memory given, from a position of the file on, where the last call ended. Resolves to
 * the number of bytes; after 0 it is not called again.
 */
export type ReadAt = (into: Uint8Array, position: number) => Promise<number>;

/**
 * Walks over CSV records whose first field is a timestamp, a piece of the file at a time. Records end
 * in LF; LF and the delimiter are a part of a field only between quotes (RFC 4180).
 */
export class PartReader {
  /** Time of the current record; where its timestamp is no date, that of the one before it. */
  time = Number.POSITIVE_INFINITY;
  readonly #read: ReadAt;
  readonly #delimiter: number;
  #memory: Buffer;
  /** How much of the memory holds bytes of the file. */
  #filled = 0;
  /** How much of the file was read. */
  #position = 0;
  /** Where the current record goes on after its timestamp, in memory. */
  #start = 0;
  /** Where the current record ends, in memory. */
  #end = 0;

  /**
   * @param pieceSize bytes to read at a time; a longer record gets the memory that it needs
   * @param delimiter between fields, a single byte
   */
  constructor(read: ReadAt, pieceSize: number, delimiter: number) {
    this.#read = read;
    this.#delimiter = delimiter;
    this.#memory = Buffer.allocUnsafeSlow(pieceSize);
  }

  /** The current record without its timestamp; valid until the reader goes on. */
  record(): Uint8Array {
    return this.#memory.subarray(this.#start, this.#end);
  }

  /**
   * Goes on to the next record.
   *
   * @returns false where it is not in memory as a whole
   */
  advance(): boolean {
    const memory = this.#memory;
    const filled = this.#filled;
    let quoted = false;
    let fieldEnd = -1;
    for (let index = this.#end; index < filled; index++) {
      const byte = memory[index];
      if (byte === quote) {
        quoted = !quoted;
      } else if (quoted) {
        // Part of a field, whatever it is.
      } else if (byte === lineFeed) {
        this.#take(fieldEnd, index + 1);
        return true;
      } else if (byte === this.#delimiter && fieldEnd === -1) {
        fieldEnd = index;
      }
    }
    return false;
  }

  /**
   * Reads more of the file and goes on to the next record.
   *
   * @returns false where there is none
   * @throws Error where the file ends in the midst of a record
   */
  async fill(): Promise<boolean> {
    do {
      this.#makeRoom();
      const read = await this.#read(this.#memory.subarray(this.#filled), this.#position);
      if (read === 0) {
        if (this.#filled > 0) {
          throw new Error("the file ends in the midst of a record");
        }
        return false;
      }
      this.#filled += read;
      this.#position += read;
    } while (!this.advance());
    return true;
  }

  #take(fieldEnd: number, end: number): void {
    const timestamp = this.#memory.toString("latin1", this.#end, fieldEnd);
    // All parts have the same zone, so for the order of times without one any will do.
    const time = readInstant(timestamp.replaceAll('"', ""));
    if (!Number.isNaN(time)) {
      this.time = time;
    }
    this.#start = fieldEnd + 1;
    this.#end = end;
  }

  /** Moves what is left to the front; a record that fills all of the memory needs a larger one. */
  #makeRoom(): void {
    const left = this.#memory.subarray(this.#end, this.#filled);
    if (left.length === this.#memory.length) {
      const larger = Buffer.allocUnsafeSlow(2 * this.#memory.length);
      larger.set(left);
      this.#memory = larger;
    } else {
      this.#memory.copyWithin(0, this.#end, this.#filled);
    }
    this.#filled = left.length;
    this.#end = 0;
    this.#start = 0;
  }
}
