/** A map that forgets the entries used longest ago once their sizes add up to more than `limit`. */
export class LruCache<Key, Value> {
  readonly #entries = new Map<Key, Value>();
  #size = 0;

  constructor(
    private readonly limit: number,
    private readonly sizeOf: (value: Value) => number,
  ) {}

  /** The cached value, or the one that `make` returns, which is then cached. */
  getOrMake(key: Key, make: () => Value): Value {
    let value = this.#entries.get(key);
    if (value === undefined) {
      value = make();
      this.#size += this.sizeOf(value);
    } else {
      this.#entries.delete(key);
    }
    // A Map iterates in insertion order: inserting anew marks the entry as the latest used.
    this.#entries.set(key, value);
    this.#evict();
    return value;
  }

  #evict(): void {
    for (const [key, value] of this.#entries) {
      if (this.#size <= this.limit || this.#entries.size === 1) return;
      this.#entries.delete(key);
      this.#size -= this.sizeOf(value);
    }
  }
}
