import { type Column, isIndex } from "../csv/csv-layout.js";

/** A value that some path goes through or ends at, within another one. */
export interface PathMember {
  readonly value: number;
  readonly within: number;
  /** The key with its quotes, as JSON without needless escapes. */
  readonly key: Uint8Array;
  /** Where the name stands for an item of an array; else -1. */
  readonly index: number;
}

/**
 * Gives a number to each value of an event that the columns want: the properties come first, then
 * what paths lead to within them.
 */
export class ValueTree {
  /** Names of the wanted properties by number; `type`, `timestamp` and `event_id` are always among them. */
  readonly properties: readonly string[];
  /** The value of each column; undefined where that is the event itself. */
  readonly columns: readonly (number | undefined)[];
  readonly members: readonly PathMember[];
  readonly #roots: ReadonlyMap<string, number>;
  /** Of each value, its members. */
  readonly #numbers: readonly ReadonlyMap<string, number>[];

  constructor(columns: readonly Column[]) {
    const owners = columns.flatMap(({ path }) => path.slice(0, 1));
    this.properties = [...new Set([...owners, "type", "timestamp", "event_id"])];
    const roots = new Map(this.properties.map((name, value) => [name, value]));
    const numbers = this.properties.map(() => new Map<string, number>());
    const members: PathMember[] = [];
    this.columns = columns.map(({ path: [owner, ...inner] }) => {
      if (owner === undefined) {
        return undefined;
      }
      let within = roots.get(owner) ?? 0;
      for (const name of inner) {
        const siblings = numbers[within] ?? new Map<string, number>();
        const value = siblings.get(name) ?? numbers.push(new Map()) - 1;
        if (!siblings.has(name)) {
          siblings.set(name, value);
          members.push({
            value,
            within,
            key: Buffer.from(JSON.stringify(name)),
            index: isIndex(name) ? Number(name) : -1,
          });
        }
        within = value;
      }
      return within;
    });
    this.members = members;
    this.#roots = roots;
    this.#numbers = numbers;
  }

  /** Number of values. */
  get size(): number {
    return this.#numbers.length;
  }

  /** The property's number, or that of all others. */
  property(name: string): number {
    return this.#roots.get(name) ?? this.properties.length;
  }

  /** The value's member, or 0. */
  member(value: number, name: string): number {
    return this.#numbers[value]?.get(name) ?? 0;
  }
}
