import type { PageEnvelope } from "../api/answer.js";
import type { BodySink } from "../api/exchange.js";
import type { PageRange } from "./page-range.js";

/** Turns the body of an answer into bytes of a record format, and defines which are right. */
export interface PageConverter {
  /**
   * One record per event, in the order of the answer.
   *
   * @param range leave out events whose `timestamp` is not in it; default: none. An event whose
   *   timestamp is no date is left out behind one that is too old only.
   * @throws MalformedAnswerError where the body is not a whole page; nothing of it may be used then
   */
  convert(body: Uint8Array, range?: PageRange): ConvertedPage;
}

/** Does the same while bodies arrive, one after the other. */
export interface StreamingConverter extends BodySink {
  /**
   * The page, once its body is whole.
   *
   * @throws MalformedAnswerError where it has to be received again, or is no page;
   *   AnswerTooLargeError where there is not enough memory for it
   */
  end(range: PageRange): ConvertedPage;
}

/** A quick way for what is usual: leaves alone what is not. */
export interface QuickConverter {
  /** Begins with another answer. */
  begin(): void;
  /**
   * @returns whether the answer is one that it understands, so far
   * @throws AnswerTooLargeError where there is not enough memory for its output
   */
  add(bytes: Uint8Array): boolean;
  /**
   * @returns the page; undefined where the answer is not one that it understands
   * @throws MalformedAnswerError where it is no page
   */
  end(range: PageRange): ConvertedPage | undefined;
}

export interface ConvertedPage extends PageEnvelope {
  /**
   * The records. Valid until the converter ends the next page. They are never in WebAssembly memory,
   * whose views end without a word when that memory grows.
   */
  readonly content: Uint8Array;
  /** `checksumOf` the content. */
  readonly checksum: string;
  /** Number of events in `content`. */
  readonly eventCount: number;
  /** Number of events that were left out since they are not before the end of the range. */
  readonly tooNew: number;
  /** Number of events that were left out since they are before the start of the range. */
  readonly tooOld: number;
  /** The latest `timestamp` in `content`, epoch milliseconds; -Infinity where there is none. */
  readonly newest: number;
  /** The earliest `timestamp` in `content`, epoch milliseconds; Infinity where there is none. */
  readonly oldest: number;
  /** What the events in `content` are known by: a hash of `event_id`; 0 where an event has none. */
  readonly ids: Float64Array;
  /** Number of events on this page by event type. */
  readonly eventsByType: ReadonlyMap<string, number>;
}
