import { type Column, isIndex } from "./csv-layout.js";
import type { JsonScanner } from "./json-scanner.js";
import { hasEscape } from "./property-table.js";

// See json-scanner.ts on why each module has its own.
const openBracket = 0x5b;
const closeBracket = 0x5d;
const openBrace = 0x7b;
const closeBrace = 0x7d;

/** A member that some path goes through or ends at. */
interface Member {
  /** The value's number in the lists of starts and ends. */
  readonly value: number;
  readonly name: string;
  /** The key with its quotes, as JSON without needless escapes. */
  readonly key: Uint8Array;
  /** Where the name stands for an item of an array; else -1. */
  readonly index: number;
  readonly members: Member[];
}

/** Finds the values that paths lead to within the properties of an event. */
export class PathFinder {
  readonly #scanner: JsonScanner;
  readonly #properties: readonly Member[];
  readonly #starts: Int32Array;
  readonly #ends: Int32Array;
  /** The value of each column. */
  readonly values: Int32Array;

  /**
   * @param columns with paths that begin with the properties
   * @param properties names of properties, whose values have the first numbers, in this order
   */
  constructor(columns: readonly Column[], properties: readonly string[], scanner: JsonScanner) {
    this.#scanner = scanner;
    let count = properties.length;
    const roots = properties.map((name, value) => newMember(name, value));
    this.values = Int32Array.from(columns, ({ path }) => {
      let [member, siblings]: [Member | undefined, Member[]] = [undefined, roots];
      for (const name of path) {
        member = siblings.find((other) => other.name === name);
        if (member === undefined) {
          member = newMember(name, count++);
          siblings.push(member);
        }
        siblings = member.members;
      }
      return member?.value ?? 0;
    });
    this.#properties = roots.filter(({ members }) => members.length > 0);
    this.#starts = new Int32Array(count);
    this.#ends = new Int32Array(count);
  }

  /** Where values are found. A start of 0 says that there is none. */
  get starts(): Int32Array {
    return this.#starts;
  }

  get ends(): Int32Array {
    return this.#ends;
  }

  /** Finds all other values, once those of an event's properties are known. */
  find(): void {
    for (const property of this.#properties) {
      this.#findWithin(property);
    }
  }

  /** The value is known to be valid JSON. */
  #findWithin({ value, members }: Member): void {
    const start = this.#starts[value]!;
    if (start === 0) {
      return;
    }
    const first = this.#scanner.bytes[start];
    if (first === openBrace) {
      this.#findMembers(start, members);
    } else if (first === openBracket) {
      this.#findItems(start, members);
    } else {
      return;
    }
    // Only now, since the last member of a name counts.
    for (const member of members) {
      if (member.members.length > 0) {
        this.#findWithin(member);
      }
    }
  }

  #findMembers(start: number, members: readonly Member[]): void {
    const scanner = this.#scanner;
    let index = scanner.spaceEnd(start + 1);
    if (scanner.at(index) === closeBrace) {
      return;
    }
    for (;;) {
      const keyEnd = scanner.stringEnd(index);
      const valueStart = scanner.afterColon(keyEnd);
      const end = scanner.valueEnd(valueStart);
      const member = this.#memberWithKey(index, keyEnd, members);
      if (member !== undefined) {
        this.#starts[member.value] = valueStart;
        this.#ends[member.value] = end;
      }
      index = scanner.itemEnd(end, closeBrace);
      if (scanner.at(index) === closeBrace) {
        return;
      }
      index = scanner.spaceEnd(index + 1);
    }
  }

  #findItems(start: number, members: readonly Member[]): void {
    const scanner = this.#scanner;
    let index = scanner.spaceEnd(start + 1);
    if (scanner.at(index) === closeBracket) {
      return;
    }
    for (let item = 0; ; item++) {
      const end = scanner.valueEnd(index);
      for (const member of members) {
        if (member.index === item) {
          this.#starts[member.value] = index;
          this.#ends[member.value] = end;
        }
      }
      index = scanner.itemEnd(end, closeBracket);
      if (scanner.at(index) === closeBracket) {
        return;
      }
      index = scanner.spaceEnd(index + 1);
    }
  }

  #memberWithKey(start: number, end: number, members: readonly Member[]): Member | undefined {
    const { bytes } = this.#scanner;
    for (const member of members) {
      if (isSame(member.key, bytes, start, end)) {
        return member;
      }
    }
    if (!hasEscape(bytes, start, end)) {
      return undefined;
    }
    const name: unknown = JSON.parse(bytes.toString("utf8", start, end));
    return members.find((member) => member.name === name);
  }
}

function newMember(name: string, value: number): Member {
  return {
    value,
    name,
    key: Buffer.from(JSON.stringify(name)),
    index: isIndex(name) ? Number(name) : -1,
    members: [],
  };
}

function isSame(key: Uint8Array, bytes: Uint8Array, start: number, end: number): boolean {
  if (key.length !== end - start) {
    return false;
  }
  for (let index = 0; index < key.length; index++) {
    if (key[index] !== bytes[start + index]) {
      return false;
    }
  }
  return true;
}
