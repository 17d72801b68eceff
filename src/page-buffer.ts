const initialSize = 1 << 20;

/** While the size of a page is not known. */
const growth = 1.5;

/** Pages differ little in size, so what one needs and a little more is enough for the others. */
const slack = 1.1;

/** The largest pages are of about 15 MB; it is for a body to prove that it is longer. */
const mostReserved = 32 << 20;

/**
 * Memory for one page at a time. Pages are of similar size, so after the first one nothing is
 * allocated any more.
 */
export class PageBuffer {
  #memory: Buffer = Buffer.alloc(0);
  #length = 0;

  /** @param expected size of the next page, where it is known, in bytes */
  begin(expected = 0): void {
    this.#length = 0;
    const size = Math.min(expected, mostReserved);
    if (size > this.#memory.length) {
      this.#memory = allocate(size * slack);
    }
  }

  write(chunk: Uint8Array): void {
    const length = this.#length + chunk.length;
    if (length > this.#memory.length) {
      const larger = allocate(Math.max(initialSize, length * growth));
      this.#memory.copy(larger, 0, 0, this.#length);
      this.#memory = larger;
    }
    this.#memory.set(chunk, this.#length);
    this.#length = length;
  }

  /** Valid until the next `begin`. */
  bytes(): Buffer {
    return this.#memory.subarray(0, this.#length);
  }
}

function allocate(size: number): Buffer {
  return Buffer.allocUnsafeSlow(Math.ceil(size));
}
