import type { FindPartRecord } from "../pages/find-part-record.js";
import { readInstant } from "../pages/instant.js";

/**
 * Reads into the memory given, from a position of the file on, where the last call ended. Resolves to
 * the number of bytes; after 0 it is not called again.
 */
export type ReadAt = (into: Uint8Array, position: number) => Promise<number>;

/** Walks over the records of a part, a piece of the file at a time. */
export class PartReader {
  /** Time of the current record; where its timestamp is no date, that of the one before it. */
  time = Number.POSITIVE_INFINITY;
  readonly #read: ReadAt;
  readonly #find: FindPartRecord;
  #memory: Buffer;
  /** How much of the memory holds bytes of the file. */
  #filled = 0;
  /** How much of the file was read. */
  #position = 0;
  #record: Uint8Array = Buffer.alloc(0);
  /** Where the current record ends, in memory. */
  #end = 0;

  /**
   * @param pieceSize bytes to read at a time; a longer record gets the memory that it needs
   */
  constructor(read: ReadAt, pieceSize: number, find: FindPartRecord) {
    this.#read = read;
    this.#find = find;
    this.#memory = Buffer.allocUnsafeSlow(pieceSize);
  }

  /** The current record; valid until the reader goes on. */
  record(): Uint8Array {
    return this.#record;
  }

  /**
   * Goes on to the next record.
   *
   * @returns false where it is not in memory as a whole
   */
  advance(): boolean {
    const found = this.#find(this.#memory, this.#end, this.#filled);
    if (!found) {
      return false;
    }
    // All parts have the same zone, so for the order of times without one any will do.
    const time = readInstant(found.timestamp);
    if (!Number.isNaN(time)) {
      this.time = time;
    }
    this.#record = found.bytes;
    this.#end = found.end;
    return true;
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
  }
}
