import type { PageEnvelope } from "../api/answer.js";
import type { PageRange } from "./page-range.js";

/**
 * The seam between SparkPost's answers and CSV: the body of an answer in, bytes of CSV out.
 *
 * CSV here is RFC 4180 in UTF-8, but for the delimiters that the layout names. Fields that hold the
 * delimiter, a quote, CR or LF are quoted, and all that is text where the layout says so. Absent and
 * null values are blank; strings stand as they are; numbers with the digits that were sent; booleans as
 * `true` and `false`; objects and arrays as compact JSON. Where the layout says so, an apostrophe stands in text, that of JSON too, before
 * what a spreadsheet would run (`escapeFormulas`); and the times of an event are formatted, unless they
 * are no dates.
 */
export interface PageConverter {
  /** The header record, with the byte order mark in front where the layout has one. */
  header(): Uint8Array;
  /**
   * One record per event, in the order of the answer.
   *
   * @param range leave out events whose `timestamp` is not in it; default: none. An event whose
   *   timestamp is no date is left out behind one that is too old only.
   * @throws MalformedAnswerError where the body is not a whole page; nothing of it may be used then
   */
  convert(body: Uint8Array, range?: PageRange): ConvertedPage;
}

export interface ConvertedPage extends PageEnvelope {
  /**
   * Valid until the converter ends the next page. It is never in WebAssembly memory, whose views end
   * without a word when that memory grows.
   */
  readonly csv: Uint8Array;
  /** `checksumOf` the CSV. */
  readonly checksum: string;
  /** Number of events in `csv`. */
  readonly eventCount: number;
  /** Number of events that were left out since they are not before the end of the range. */
  readonly tooNew: number;
  /** Number of events that were left out since they are before the start of the range. */
  readonly tooOld: number;
  /** The latest `timestamp` in `csv`, epoch milliseconds; -Infinity where there is none. */
  readonly newest: number;
  /** The earliest `timestamp` in `csv`, epoch milliseconds; Infinity where there is none. */
  readonly oldest: number;
  /** What the events in `csv` are known by: a hash of `event_id`; 0 where an event has none. */
  readonly ids: Float64Array;
  /** Number of events on this page by event type. */
  readonly eventsByType: ReadonlyMap<string, number>;
}
