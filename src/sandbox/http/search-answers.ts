import type { EventSource } from "../event-source.js";
import { stringifyJson } from "../json-text.js";
import type { Answer } from "./answer.js";
import { openCursor, sealCursor } from "./cursor.js";
import { toLegacyEvent } from "./legacy-event.js";
import { parseEventsQuery, parseLegacyQuery } from "./query.js";
import { EventSearch } from "./search.js";

export const eventsPath = "/api/v1/events/message";
export const legacyPath = "/api/v1/message-events";

/** Answers searches for events, in the ways of both APIs. */
export class SearchAnswers {
  readonly #search: EventSearch;

  constructor(
    private readonly source: EventSource,
    private readonly now: () => number,
  ) {
    this.#search = new EventSearch(source, now);
  }

  /** The Events API: a cursor leads from page to page. */
  answerEvents(parameters: URLSearchParams): Answer {
    const query = parseEventsQuery(parameters, this.now());
    const place =
      query.cursor === undefined
        ? { from: query.from, to: query.to, index: 0 }
        : openCursor(query.cursor, parameters);
    const result = this.#search.find({ ...query, from: place.from, to: place.to });
    const start = result.positionOf(place.index);
    // One event more than the page holds, where the next page begins.
    const indices = result.slice(start, start + query.perPage + 1);
    const nextIndex = indices[query.perPage];
    const links =
      nextIndex === undefined
        ? {}
        : {
            next: linkTo(eventsPath, parameters, {
              cursor: sealCursor({ ...place, index: nextIndex }, parameters),
            }),
          };
    return searchAnswer(this.source.json(indices.subarray(0, query.perPage)), result.count, links);
  }

  /** The legacy Message Events API: pages have numbers. */
  answerLegacy(parameters: URLSearchParams): Answer {
    const query = parseLegacyQuery(parameters, this.now());
    const result = this.#search.find(query);
    const end = query.page * query.perPage;
    const events = Array.from(result.slice(end - query.perPage, end), (index) =>
      stringifyJson(toLegacyEvent(this.source.event(index), query.timezone)),
    );
    const lastPage = Math.ceil(result.count / query.perPage);
    const links = legacyPages(query.page, lastPage).map(([rel, page]) => ({
      href: linkTo(legacyPath, parameters, { page: String(page) }),
      rel,
    }));
    return searchAnswer([Buffer.from(events.join(","))], result.count, links);
  }
}

/** The pages that there are links to: those before this one, and those after it. */
function legacyPages(page: number, lastPage: number): (readonly [rel: string, page: number])[] {
  const before = [
    ["first", 1],
    ["previous", page - 1],
  ] as const;
  const after = [
    ["next", page + 1],
    ["last", lastPage],
  ] as const;
  return [...(page > 1 ? before : []), ...(page < lastPage ? after : [])];
}

function linkTo(
  path: string,
  parameters: URLSearchParams,
  changes: Record<string, string>,
): string {
  const target = new URLSearchParams(parameters);
  for (const [name, value] of Object.entries(changes)) target.set(name, value);
  // A URI has a limited length, so what may stand in a query as it is, does.
  return `${path}?${String(target).replaceAll(/%(?:2C|3A|40)/g, decodeURIComponent)}`;
}

function searchAnswer(results: Uint8Array[], totalCount: number, links: unknown): Answer {
  const tail = `],"total_count":${totalCount},"links":${stringifyJson(links)}}`;
  return {
    status: 200,
    headers: { "content-type": "application/json" },
    chunks: [Buffer.from('{"results":['), ...results, Buffer.from(tail)],
  };
}
