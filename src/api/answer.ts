/**
 * The shape of an answer of either event API: `{ results, total_count, links }`.
 *
 * Source: SparkPost API documentation, "Events API" and "Message Events API (deprecated)". The two
 * document different shapes of `links`; either is accepted from either.
 */

import type { Event } from "./event.js";

/** An answer that arrived, but not whole or not in the expected shape. Worth another try. */
export class MalformedAnswerError extends Error {
  override name = "MalformedAnswerError";
}

/** What paging needs to know of a page. */
export interface PageEnvelope {
  /** Number of events on this page. */
  readonly eventCount: number;
  /** Number of events that match the query, over all pages; absent where the answer has none. */
  readonly totalCount: number | undefined;
  /** Path or URL of the next page; absent on the last. */
  readonly next: string | undefined;
}

export interface Answer extends PageEnvelope {
  readonly events: readonly Event[];
}

/**
 * Checks the shape of a parsed answer.
 *
 * @throws MalformedAnswerError where it is not the shape of a page of events
 */
export function readAnswer(answer: unknown): Answer {
  if (!isObject(answer)) {
    throw new MalformedAnswerError("the answer is not a JSON object");
  }
  const { results } = answer;
  if (!Array.isArray(results)) {
    throw new MalformedAnswerError("the answer has no results");
  }
  if (!results.every(isObject)) {
    throw new MalformedAnswerError("the answer holds results that are not events");
  }
  return {
    events: results,
    eventCount: results.length,
    totalCount: readTotalCount(answer.total_count),
    next: readNextLink(answer.links),
  };
}

export function readTotalCount(totalCount: unknown): number | undefined {
  if (totalCount === undefined || totalCount === null) {
    return undefined;
  }
  if (!Number.isSafeInteger(totalCount) || (totalCount as number) < 0) {
    throw new MalformedAnswerError("the answer's total_count is not a number of events");
  }
  return totalCount as number;
}

export function readNextLink(links: unknown): string | undefined {
  if (links === undefined || links === null) {
    return undefined;
  }
  if (Array.isArray(links)) {
    const next = links.find((link) => isObject(link) && link.rel === "next");
    return readLink(next?.href);
  }
  if (!isObject(links)) {
    throw new MalformedAnswerError("the answer's links are neither an object nor an array");
  }
  return readLink(links.next);
}

function readLink(link: unknown): string | undefined {
  if (link === undefined || link === null || link === "") {
    return undefined;
  }
  if (typeof link !== "string") {
    throw new MalformedAnswerError("the answer's next link is not a link");
  }
  return link;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
