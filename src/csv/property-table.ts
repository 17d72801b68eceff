import { hashBytes } from "./hash-bytes.js";
import type { JsonScanner } from "./json-scanner.js";

const colon = 0x3a;
const backslash = 0x5c;

/** Keys that are no column are learnt too, up to this many of this length. */
const maxLearnt = 512;
const maxLearntLength = 64;

/** The length of a property without a known spelling: no text has room for it. */
const neverFits = 2 ** 30;

/**
 * Tells which property a key of an event stands for.
 *
 * Properties are numbers: first the given names, then those that answers turn out to have. Since
 * events of a type have much the same keys in the same order, the keys that followed a key before
 * are tried before any look-up.
 */
export class PropertyTable {
  /** Stands for every key without a number of its own. */
  readonly other: number;
  /** What comes before the first key of an event. */
  readonly start: number;

  /** The number of bytes of each property's key with its quotes and the colon. */
  readonly #lengths: Int32Array;
  /** These bytes in words of four, one key after the other. */
  readonly #words: Int32Array;
  readonly #bytes: Uint8Array;
  /** Index of each property's first word. */
  readonly #firstWords: Int32Array;
  /** The last four bytes of each property; they overlap the word before. */
  readonly #lastWords: Int32Array;
  readonly #hashes: Int32Array;
  #count: number;
  #usedWords = 0;

  /** The two properties seen last after each property. */
  readonly #followers: Int32Array;

  /** Open addressing: one more than the property, or 0. */
  readonly #slots: Int32Array;
  readonly #namesInJson: ReadonlyMap<string, number>;
  readonly #scanner: JsonScanner;

  constructor(names: readonly string[], scanner: JsonScanner) {
    this.#scanner = scanner;
    this.other = names.length;
    this.start = names.length + 1;
    const capacity = names.length + 2 + maxLearnt;
    const learntBytes = maxLearnt * (maxLearntLength + 8);
    const namesBytes = names.reduce((sum, name) => sum + Buffer.byteLength(name) + 8, 0);
    this.#words = new Int32Array(Math.ceil((learntBytes + namesBytes) / 4));
    this.#bytes = new Uint8Array(this.#words.buffer);
    this.#lengths = new Int32Array(capacity).fill(neverFits);
    this.#firstWords = new Int32Array(capacity);
    this.#lastWords = new Int32Array(capacity);
    this.#hashes = new Int32Array(capacity);
    this.#followers = new Int32Array(2 * capacity).fill(this.other);
    this.#slots = new Int32Array(2 ** Math.ceil(Math.log2(2 * capacity)));
    this.#namesInJson = new Map(names.map((name, property) => [name, property]));
    for (const [property, name] of names.entries()) {
      const key = JSON.stringify(name);
      // Without an escape, a key has one spelling in bytes. With one, it is compared as text.
      if (key === `"${name}"`) {
        const bytes = Buffer.from(key);
        this.#add(property, bytes, 0, bytes.length, hashBytes(bytes, 0, bytes.length));
      }
    }
    this.#count = names.length + 2;
  }

  /** The length of a predicted key with its colon. */
  lengthOf(property: number): number {
    return this.#lengths[property]!;
  }

  /** The property whose key and colon stand at `index`, or `other` if the guesses are wrong. */
  predict(index: number, previous: number): number {
    const followers = this.#followers;
    const first = followers[2 * previous]!;
    if (this.#standsAt(index, first)) {
      return first;
    }
    const second = followers[2 * previous + 1]!;
    return this.#standsAt(index, second) ? second : this.other;
  }

  #standsAt(index: number, property: number): boolean {
    const { view } = this.#scanner;
    const last = index + this.#lengths[property]! - 4;
    if (last + 4 > view.byteLength) {
      return false;
    }
    const words = this.#words;
    let word = this.#firstWords[property]!;
    for (let next = index; next < last; next += 4) {
      if (view.getInt32(next, true) !== words[word++]) {
        return false;
      }
    }
    return view.getInt32(last, true) === this.#lastWords[property];
  }

  /** Looks up the key from its opening quote to after its closing quote. */
  find(start: number, end: number, previous: number): number {
    const { bytes } = this.#scanner;
    const property = hasEscape(bytes, start, end)
      ? this.#findText(JSON.parse(bytes.toString("utf8", start, end)))
      : this.#findBytes(bytes, start, end);
    const followers = this.#followers;
    followers[2 * previous + 1] = followers[2 * previous]!;
    followers[2 * previous] = property;
    return property;
  }

  #findText(name: string): number {
    return this.#namesInJson.get(name) ?? this.other;
  }

  #findBytes(bytes: Uint8Array, start: number, end: number): number {
    const hash = hashBytes(bytes, start, end);
    const mask = this.#slots.length - 1;
    let slot = hash & mask;
    for (;;) {
      const property = this.#slots[slot]! - 1;
      if (property === -1) {
        break;
      }
      if (this.#hashes[property] === hash && this.#isSpelt(property, bytes, start, end)) {
        return property;
      }
      slot = (slot + 1) & mask;
    }
    if (this.#count === this.#hashes.length || end - start > maxLearntLength) {
      return this.other;
    }
    this.#add(this.#count, bytes, start, end, hash);
    return this.#count++;
  }

  #isSpelt(property: number, bytes: Uint8Array, start: number, end: number): boolean {
    const first = this.#firstWords[property]! * 4 - start;
    // The quotes at both ends are the only ones, so no key is the beginning of another.
    for (let index = start; index < end; index++) {
      if (this.#bytes[first + index] !== bytes[index]) {
        return false;
      }
    }
    return true;
  }

  #add(property: number, bytes: Uint8Array, start: number, end: number, hash: number): void {
    const length = end - start + 1;
    const first = this.#usedWords * 4;
    this.#bytes.set(bytes.subarray(start, end), first);
    this.#bytes[first + length - 1] = colon;
    this.#firstWords[property] = this.#usedWords;
    this.#usedWords += Math.ceil(length / 4);
    this.#hashes[property] = hash;
    // The key "" is too short to compare four bytes, and is looked up each time.
    if (length >= 4) {
      this.#lengths[property] = length;
      this.#lastWords[property] = new DataView(this.#bytes.buffer).getInt32(
        first + length - 4,
        true,
      );
    }
    const mask = this.#slots.length - 1;
    let slot = hash & mask;
    while (this.#slots[slot] !== 0) {
      slot = (slot + 1) & mask;
    }
    this.#slots[slot] = property + 1;
  }
}

/** Whether a JSON string has an escape in it. */
export function hasEscape(bytes: Uint8Array, start: number, end: number): boolean {
  for (let index = start; index < end; index++) {
    if (bytes[index] === backslash) {
      return true;
    }
  }
  return false;
}
