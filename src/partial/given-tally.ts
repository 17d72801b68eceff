import type { Slice } from "../slices/slice.js";
import type { Given } from "./audit-totals.js";

const nothing: Given = { pages: 0, records: 0, bytes: 0 };

/** What of each slice was given to the output, or is being given. */
export class GivenTally {
  #records = 0;
  readonly #bySlice = new Map<Slice, Given>();

  /** Number of records in all pages. */
  get records(): number {
    return this.#records;
  }

  of(slice: Slice): Given {
    return this.#bySlice.get(slice) ?? nothing;
  }

  /** Counts in a page that the output is being given, or has. */
  addPage(slice: Slice, records: number): void {
    const given = this.of(slice);
    this.#records += records;
    this.#bySlice.set(slice, {
      ...given,
      pages: given.pages + 1,
      records: given.records + records,
    });
  }

  /** Counts in bytes that the output has. */
  addBytes(slice: Slice, bytes: number): void {
    const given = this.of(slice);
    this.#bySlice.set(slice, { ...given, bytes: given.bytes + bytes });
  }

  forget(slice: Slice): void {
    this.#records -= this.of(slice).records;
    this.#bySlice.delete(slice);
  }
}
