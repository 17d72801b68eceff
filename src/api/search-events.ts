import { forEachConcurrently } from "../for-each-concurrently.js";
import { readAnswer } from "./answer.js";
import { ApiClient, type Connection, defaultConcurrency } from "./client.js";
import { cutSearch, uncutPagePath } from "./cut-search.js";
import type { Event } from "./event.js";
import { fetchPages, requireCount } from "./pages.js";
import { firstPagePath, type Search } from "./search.js";
import { WholeBody } from "./whole-body.js";

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
 * A search whose lists are too long for one request is refused with a UsageError; `cutSearch` makes
 * several of it.
 *
 * @throws KeyRefusedError, RejectedRequestError, ServiceError, UsageError, or the signal's reason
 */
export async function* searchEvents(
  connection: Connection,
  search: Search,
): AsyncGenerator<EventPage, void, undefined> {
  const firstPage = uncutPagePath(search, connection.host);
  const client = new ApiClient(connection);
  try {
    for await (const { events, totalCount, body } of fetchPages(client, firstPage, readEventPage)) {
      yield { events, totalCount, body };
    }
  } finally {
    client.close();
  }
}

/**
 * Asks how many events match, with one request, or several where the lists are too long for one.
 *
 * @throws as `searchEvents` does, but for lists that can be spread over several requests
 */
export async function countEvents(connection: Connection, search: Search): Promise<number> {
  const counts = await countEach(connection, cutSearch(search, connection.host));
  return counts.reduce((sum, count) => sum + count, 0);
}

/** Asks how many events match each of the searches. */
export async function countEach(
  connection: Connection,
  searches: readonly Search[],
): Promise<number[]> {
  const client = new ApiClient(connection);
  try {
    return await requestCounts(client, searches, connection.concurrency ?? defaultConcurrency);
  } finally {
    client.close();
  }
}

/** As `countEach`, with a client that is there already. */
export async function requestCounts(
  client: ApiClient,
  searches: readonly Search[],
  concurrency: number,
): Promise<number[]> {
  const counts: number[] = [];
  await forEachConcurrently(concurrency, searches, async (search, index) => {
    counts[index] = await requestCount(client, search);
  });
  return counts;
}

/** As `countEvents`, with a client that is there already. */
export async function requestCount(client: ApiClient, search: Search): Promise<number> {
  const path = firstPagePath({ ...search, perPage: 1 });
  const body = new WholeBody();
  const { totalCount } = await client.get(path, body, () => requireCount(readAnswer(body.json())));
  return totalCount ?? 0;
}

function readEventPage(body: WholeBody) {
  // The memory of the body is used again for the next page.
  return { ...readAnswer(body.json()), body: Uint8Array.from(body.bytes()) };
}
