/** SparkPost has about twenty types. */
const mostTypes = 1000;
/** Length of all of them together. */
const mostLength = 1_000_000;

/** Numbers for event types, from 1. */
export class EventTypes {
  readonly #names: string[] = [];
  readonly #numbers = new Map<string, number>();
  #length = 0;

  get count(): number {
    return this.#names.length;
  }

  name(number: number): string {
    return this.#names[number - 1] ?? "";
  }

  /** The type's number; undefined where types have become too much to remember. */
  number(type: string): number | undefined {
    const known = this.#numbers.get(type);
    if (known !== undefined) {
      return known;
    }
    this.#length += type.length;
    if (this.#length > mostLength) {
      return undefined;
    }
    const number = this.#names.push(type);
    this.#numbers.set(type, number);
    return number;
  }

  /** @returns whether they were so many that all were forgotten */
  forgetMany(): boolean {
    if (this.#names.length <= mostTypes && this.#length <= mostLength) {
      return false;
    }
    this.#names.length = 0;
    this.#numbers.clear();
    this.#length = 0;
    return true;
  }
}
