import type { Dialect } from "../sql/database.js";

export const duckDbDialect: Dialect = {
  // Without a zone, so that it does not depend on that of the machine: all times are UTC.
  timeType: "timestamp",
  millis: (expression) => `epoch_ms(${expression})`,
  sha256: (expression) => `sha256(${expression})`,
};

/** A string as SQL has it. */
export function quoted(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}
