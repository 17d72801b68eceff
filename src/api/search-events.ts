import { PageBuffer } from "../page-buffer.js";
import { type Event, MalformedAnswerError, readAnswer } from "./answer.js";
import { ApiClient, type Connection } from "./client.js";
import { fetchPages, requireCount } from "./pages.js";
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
    client.close();
  }
}

/**
 * Asks how many events match, with one request.
 *
 * @throws as `searchEvents` does
 */
export async function countEvents(connection: Connection, search: Search): Promise<number> {
  const client = new ApiClient(connection);
  try {
    return await requestCount(client, search);
  } finally {
    client.close();
  }
}

/** As `countEvents`, with a client that is there already. */
export async function requestCount(client: ApiClient, search: Search): Promise<number> {
  const path = firstPagePath({ ...search, perPage: 1 });
  const { totalCount } = await client.get(path, new PageBuffer(), (body) =>
    requireCount(readEventPage(body)),
  );
  return totalCount ?? 0;
}

function readEventPage(body: Uint8Array) {
  // The memory of the body is used again for the next page.
  return { ...readAnswer(parseJson(body)), body: Uint8Array.from(body) };
}

function parseJson(body: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(body));
  } catch (error) {
    throw new MalformedAnswerError("the answer is not whole JSON", { cause: error });
  }
}
