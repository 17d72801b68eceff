import type { MetadataFilter, SearchQuery } from "../../events-api/event-search.js";
import type { Span } from "../../time/local-time.js";
import type { CountSelection } from "../event-store.js";
import type { Parameters } from "./parameters.js";
import type { Place } from "./place.js";
import type { Row, SqlValue } from "./sql-values.js";

/** What the two databases are for the statements that both understand. */
export interface Database extends Queries {
  readonly dialect: Dialect;
  /**
   * Searches on a connection that nobody else has meanwhile. Fails with the signal's reason once that is
   * aborted; the database gives up what it does then.
   */
  searching<T>(work: (searcher: Searcher) => Promise<T>, signal: AbortSignal): Promise<T>;
  /** Runs statements that have an effect together or not at all. */
  transaction<T>(work: (queries: Queries) => Promise<T>): Promise<T>;
}

export interface Searcher extends Pick<Queries, "rows"> {
  readonly dialect: Dialect;
  /** Reads events, newest first, and of those with the same time by identity, descending. */
  readPage(page: PageToRead): Promise<ReadPage>;
}

export interface PageToRead {
  readonly query: SearchQuery;
  /** Place of the event before the page; undefined for the first page. */
  readonly after: Place | undefined;
  /** The most events that it may have. */
  readonly limit: number;
}

export interface ReadPage {
  /** The events' JSON, with commas between them. */
  readonly json: readonly Uint8Array[];
  /** Number of events. */
  readonly events: number;
  /** Number of events that the query finds. */
  readonly totalCount: number;
  /** Place of the last event, where more follow. */
  readonly next: Place | undefined;
}

export interface Queries {
  /** Parameters are called `$1`, `$2` and so on. */
  rows(sql: string, values?: readonly SqlValue[]): Promise<Row[]>;
  /** @returns number of rows that were changed */
  change(sql: string, values?: readonly SqlValue[]): Promise<number>;
}

/** Where their SQL is not the same. */
export interface Dialect {
  /** Of an instant; a parameter of it is given in ISO 8601. */
  readonly timeType: string;
  /** Epoch milliseconds of an instant. */
  millis(expression: string): string;
  /** SHA-256 of a text, in hexadecimal digits. */
  sha256(expression: string): string;
  /** Lower case as `foldAscii` has it. */
  foldAscii(expression: string): string;
  /** Lower case as `foldCase` has it. */
  foldCase(expression: string): string;
  /** Whether a column is one of some texts. */
  isOneOf(column: string, texts: readonly string[], parameters: Parameters): string;
  /** The same without regard to the case of ASCII's letters, as `foldAscii` has it. */
  isAddress(column: string, addresses: readonly string[], parameters: Parameters): string;
  /** Whether an event passes a filter, by its text in the column `event`. */
  metadataIs(filter: MetadataFilter, parameters: Parameters): string;
  /** Counts events, as a column `events`. */
  count(range: Span, selection: CountSelection, parameters: Parameters): string;
}

/** Of an instant, as a parameter. */
export function instant(millis: number): string {
  return new Date(millis).toISOString();
}
