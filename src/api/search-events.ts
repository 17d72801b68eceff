import { type Event, MalformedAnswerError, readAnswer } from "./answer.js";
import { ApiClient, type Connection } from "./client.js";
import { fetchPages } from "./pages.js";
import { firstPagePath, type Search } from "./search.js";

/** One page of events. */
export interface EventPage {
  /**
   * Newest first, parsed as by `JSON.parse`: integers beyond 2^53 are rounded. `body` has all digits.
   */
  readonly events: readonly Event[];
  /** Number of events that match the search, over all pages, at the time of this page. */
  readonly totalCount: number | undefined;
  /** The answer as it arrived: UTF-8 JSON. */
  readonly body: Uint8Array;
}

/**
 * Searches message events, page by page.
 *
 * The last page has been yielded when the iteration ends; compare the number of events with
 * `totalCount` to know that none is missing. A caller that stops early aborts nothing but its own
 * reading.
 *
 * @throws KeyRefusedError, RejectedRequestError, ServiceError, UsageError, or the signal's reason
 */
export async function* searchEvents(
  connection: Connection,
  search: Search,
): AsyncGenerator<EventPage, void, undefined> {
  const client = new ApiClient(connection);
  try {
    for await (const { events, totalCount, body } of fetchPages(
      client,
      firstPagePath(search),
      readEventPage,
    )) {
      yield { events, totalCount, body };
    }
  } finally {
    await client.close();
  }
}

/**
 * Asks how many events match, with one request.
 *
 * @throws as `searchEvents` does
 */
export async function countEvents(connection: Connection, search: Search): Promise<number> {
  for await (const { totalCount } of searchEvents(connection, { ...search, perPage: 1 })) {
    return totalCount ?? 0;
  }
  return 0;
}

function readEventPage(body: Uint8Array) {
  return { ...readAnswer(parseJson(body)), body };
}

function parseJson(body: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(body));
  } catch (error) {
    throw new MalformedAnswerError("the answer is not whole JSON", { cause: error });
  }
}
