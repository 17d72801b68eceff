const initialSize = 1 << 20;

/**
 * Memory for the body of one answer at a time. Pages are of similar size, so after the first one
 * nothing is allocated any more.
 */
export class BodyBuffer {
  #memory = Buffer.allocUnsafeSlow(initialSize);
  #length = 0;

  clear(): void {
    this.#length = 0;
  }

  append(chunk: Uint8Array): void {
    const length = this.#length + chunk.length;
    if (length > this.#memory.length) {
      const larger = Buffer.allocUnsafeSlow(Math.max(length, this.#memory.length * 2));
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
