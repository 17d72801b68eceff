import { ServiceError } from "../errors.js";
import { MalformedAnswerError, type PageEnvelope } from "./answer.js";
import type { ApiClient } from "./client.js";
import { WholeBody } from "./whole-body.js";

/**
 * Follows the next links from the first page to the last, one page at a time.
 *
 * @param firstPage path and query of the first page
 * @param read turns the body of an answer into a page; called again where an answer was malformed
 * @throws ServiceError where the links lead in a circle or to another origin
 */
export async function* fetchPages<Page extends PageEnvelope>(
  client: ApiClient,
  firstPage: string,
  read: (body: WholeBody) => Page,
): AsyncGenerator<Page, void, undefined> {
  const body = new WholeBody();
  const seen = new Set<string>();
  let first = true;
  for (let link: string | undefined = firstPage; link !== undefined; ) {
    const position = pagePosition(link);
    if (seen.has(position)) {
      throw repeatedPageError();
    }
    seen.add(position);
    const page: Page = await client.get(link, body, (url) => {
      const received = first ? requireCount(read(body)) : read(body);
      return { ...received, next: client.nextPath(received.next, url) };
    });
    yield page;
    link = page.next;
    first = false;
  }
}

/**
 * @throws MalformedAnswerError where a page has no count: nobody could tell whether all events arrived
 */
export function requireCount<Page extends PageEnvelope>(page: Page): Page {
  if (page.totalCount === undefined) {
    throw new MalformedAnswerError("the answer has no total_count");
  }
  return page;
}

export function repeatedPageError(): ServiceError {
  return new ServiceError("The same page link came twice, so the export cannot end.", {
    hint: "Try again later.",
  });
}

export function endlessPagesError(): ServiceError {
  return new ServiceError("One empty page came after the other.", {
    hint: "Try again later.",
  });
}

/** What tells one page of a search from another: the cursor, or the page number of the legacy API. */
export function pagePosition(link: string): string {
  const base = "http://localhost";
  if (!URL.canParse(link, base)) {
    return link;
  }
  const { searchParams } = new URL(link, base);
  return searchParams.get("cursor") ?? searchParams.get("page") ?? link;
}
