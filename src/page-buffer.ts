const initialSize = 1 << 20;

/** While the size of a page is not known. */
const growth = 1.25;

/** Pages differ little in size, so what one needs and a little more is enough for the others. */
const slack = 1.1;

/**
 * Memory for one page at a time, as it arrives or as it leaves. Pages are of similar size, so after
 * the first one nothing is allocated any more.
 */
export class PageBuffer {
  #memory = Buffer.allocUnsafeSlow(initialSize);
  #length = 0;

  /** @param expected size of the next page, where it is known, in bytes */
  clear(expected = 0): void {
    this.#length = 0;
    if (expected > this.#memory.length) {
      this.#memory = Buffer.allocUnsafeSlow(Math.ceil(expected * slack));
    }
  }

  append(chunk: Uint8Array): void {
    const length = this.#length + chunk.length;
    if (length > this.#memory.length) {
      const larger = Buffer.allocUnsafeSlow(Math.ceil(length * growth));
      this.#memory.copy(larger, 0, 0, this.#length);
      this.#memory = larger;
    }
    this.#memory.set(chunk, this.#length);
    this.#length = length;
  }

  /** Valid until the next `clear`. */
  bytes(): Buffer {
    return this.#memory.subarray(0, this.#length);
  }
}
