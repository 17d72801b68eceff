import { hashBytes } from "./hash-bytes.js";

const slots = 256;

/** Counts the event types of a page. Types are given as JSON strings within the page. */
export class TypeCounter {
  #page: Buffer = Buffer.alloc(0);
  #types: string[] = [];
  #counts: number[] = [];
  #indexOf = new Map<string, number>();

  /** The last spelling seen with each hash, and one more than its type's index. */
  readonly #starts = new Int32Array(slots);
  readonly #ends = new Int32Array(slots);
  readonly #known = new Int32Array(slots);

  open(page: Buffer): void {
    this.#page = page;
    this.clear();
  }

  clear(): void {
    this.#types = [];
    this.#counts = [];
    this.#indexOf.clear();
    this.#known.fill(0);
  }

  counts(): Map<string, number> {
    return new Map(this.#types.map((type, index) => [type, this.#counts[index]!]));
  }

  /** Counts the string from its opening quote to after its closing quote. */
  add(start: number, end: number): void {
    const slot = hashBytes(this.#page, start, end) & (slots - 1);
    if (!this.#holds(slot, start, end)) {
      this.#starts[slot] = start;
      this.#ends[slot] = end;
      this.#known[slot] = this.#index(JSON.parse(this.#page.toString("utf8", start, end))) + 1;
    }
    this.#counts[this.#known[slot]! - 1]!++;
  }

  #holds(slot: number, start: number, end: number): boolean {
    const shift = this.#starts[slot]! - start;
    if (this.#known[slot] === 0 || this.#ends[slot] !== end + shift) {
      return false;
    }
    for (let index = start; index < end; index++) {
      if (this.#page[index] !== this.#page[index + shift]) {
        return false;
      }
    }
    return true;
  }

  #index(type: string): number {
    let index = this.#indexOf.get(type);
    if (index === undefined) {
      index = this.#types.push(type) - 1;
      this.#counts.push(0);
      this.#indexOf.set(type, index);
    }
    return index;
  }
}
