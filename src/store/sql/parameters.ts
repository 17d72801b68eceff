import type { SqlValue } from "./sql-values.js";

/** The parameters of a statement, as it is put together. */
export class Parameters {
  readonly values: SqlValue[] = [];

  /** @returns what the statement calls it */
  add(value: SqlValue): string {
    return `$${this.values.push(value)}`;
  }

  /** @returns a list, for `in` */
  addAll(values: readonly SqlValue[]): string {
    return values.length > 0 ? `(${values.map((value) => this.add(value)).join(", ")})` : "(null)";
  }
}
