const initialSize = 1 << 20;

/** While the size of a page is not known. */
const growth = 1.5;

/** Pages differ little in size, so what one needs and a little more is enough for the others. */
const slack = 1.1;

/** What a page lies in. It is shared, so that another thread can work on it. */
export interface PageMemory {
  readonly memory: SharedArrayBuffer;
  /** Number of bytes of it that the page takes. */
  readonly length: number;
}

/**
 * Memory for one page at a time, as it arrives or as it leaves. Pages are of similar size, so after
 * the first one nothing is allocated any more.
 */
export class PageBuffer {
  #memory = Buffer.from(new SharedArrayBuffer(0));
  #length = 0;

  /** @param expected size of the next page, where it is known, in bytes */
  clear(expected = 0): void {
    this.#length = 0;
    if (expected > this.#memory.length) {
      this.#memory = allocate(expected * slack);
    }
  }

  append(chunk: Uint8Array): void {
    const length = this.#length + chunk.length;
    if (length > this.#memory.length) {
      const larger = allocate(Math.max(initialSize, length * growth));
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

  /** For another thread; until it is done, nothing may be done here. */
  share(): PageMemory {
    return { memory: this.#memory.buffer, length: this.#length };
  }

  /** Takes over the page that another thread has worked on. */
  adopt({ memory, length }: PageMemory): void {
    if (memory !== this.#memory.buffer) {
      this.#memory = Buffer.from(memory);
    }
    this.#length = length;
  }
}

function allocate(size: number): Buffer<SharedArrayBuffer> {
  return Buffer.from(new SharedArrayBuffer(Math.ceil(size)));
}
