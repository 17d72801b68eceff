/** What the two databases are for the statements that both understand. */
export interface Database extends Queries {
  readonly dialect: Dialect;
  /** Runs statements that have an effect together or not at all. */
  transaction<T>(work: (queries: Queries) => Promise<T>): Promise<T>;
}

export interface Queries {
  /** Parameters are called `$1`, `$2` and so on. */
  rows(sql: string, values?: readonly SqlValue[]): Promise<Row[]>;
  /** @returns number of rows that were changed */
  change(sql: string, values?: readonly SqlValue[]): Promise<number>;
}

/** Text, too, for times and whole numbers of any size. */
export type SqlValue = string | number | null;

export type Row = Readonly<Record<string, string | null>>;

/** Where their SQL is not the same. */
export interface Dialect {
  /** Of an instant; a parameter of it is given in ISO 8601. */
  readonly timeType: string;
  /** Epoch milliseconds of an instant. */
  millis(expression: string): string;
  /** SHA-256 of a text, in hexadecimal digits. */
  sha256(expression: string): string;
}

/** Of an instant, as a parameter. */
export function instant(millis: number): string {
  return new Date(millis).toISOString();
}
