import { hashBytes } from "./hash-bytes.js";

const capacity = 1024;
const maxProbes = 16;

/**
 * The keys of the objects in one JSON value, to notice a key that comes twice.
 *
 * Has a fixed size: where it runs short of room, a new key counts as one that came before.
 */
export class KeySet {
  /** Open addressing. An entry holds the value and object it belongs to, and where the key is. */
  readonly #values = new Int32Array(capacity);
  readonly #objects = new Int32Array(capacity);
  readonly #starts = new Int32Array(capacity);
  readonly #ends = new Int32Array(capacity);
  #value = 0;

  /** Begins with another JSON value. */
  clear(): void {
    // As the Int32Array keeps it. An entry from 2^32 values ago does no harm.
    this.#value = (this.#value + 1) | 0;
  }

  /**
   * Adds a key of one of the value's objects.
   *
   * @returns false if the object may have that key already
   */
  add(object: number, bytes: Uint8Array, start: number, end: number): boolean {
    let entry = (hashBytes(bytes, start, end) + Math.imul(object, 0x9e3779b1)) & (capacity - 1);
    for (let probes = 0; probes < maxProbes; probes++) {
      if (this.#values[entry] !== this.#value) {
        this.#values[entry] = this.#value;
        this.#objects[entry] = object;
        this.#starts[entry] = start;
        this.#ends[entry] = end;
        return true;
      }
      if (
        this.#objects[entry] === object &&
        this.#ends[entry]! - this.#starts[entry]! === end - start &&
        isSame(bytes, this.#starts[entry]!, start, end)
      ) {
        return false;
      }
      entry = (entry + 1) & (capacity - 1);
    }
    return false;
  }
}

function isSame(bytes: Uint8Array, other: number, start: number, end: number): boolean {
  const shift = other - start;
  for (let index = start; index < end; index++) {
    if (bytes[index] !== bytes[index + shift]) {
      return false;
    }
  }
  return true;
}
