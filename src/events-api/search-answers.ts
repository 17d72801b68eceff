import type { Answer } from "../http/answer.js";
import type { RouteRequest } from "../http/route.js";
import { badCursor, openCursor, sealCursor } from "./cursor.js";
import {
  type EventSearch,
  type FoundPage,
  type PageRequest,
  type SearchQuery,
  UnknownPlaceError,
} from "./event-search.js";
import { toLegacyEvents } from "./legacy-event.js";
import { parseEventsQuery, parseLegacyQuery } from "./query.js";

export const eventsPath = "/api/v1/events/message";
export const legacyPath = "/api/v1/message-events";

export interface SearchOptions {
  /** The time, in milliseconds since 1970. */
  readonly now: () => number;
  /** The most events that a page may have. */
  readonly mostPerPage: number;
}

/** Answers searches for events, in the ways of both APIs. */
export class SearchAnswers {
  constructor(
    private readonly search: EventSearch,
    private readonly options: SearchOptions,
  ) {}

  /** The Events API: a cursor leads from page to page. */
  async answerEvents({ parameters, signal }: RouteRequest): Promise<Answer> {
    const { perPage, cursor, ...query } = parseEventsQuery(parameters, this.options);
    const { from, to, after } =
      cursor === undefined
        ? { from: query.from, to: query.to, after: undefined }
        : openCursor(cursor, parameters);
    const page = await this.#find({ ...query, from, to }, { limit: perPage, after }, signal);
    const links =
      page.next === undefined
        ? {}
        : {
            next: linkTo(eventsPath, parameters, {
              cursor: sealCursor({ from, to, after: page.next }, parameters),
            }),
          };
    return searchAnswer(page, links);
  }

  /** The legacy Message Events API: pages have numbers. */
  async answerLegacy({ parameters, signal }: RouteRequest): Promise<Answer> {
    const { perPage, page, timezone, ...query } = parseLegacyQuery(parameters, this.options);
    const offset = (page - 1) * perPage;
    const found = await this.#find(query, { limit: perPage, offset }, signal);
    const lastPage = Math.ceil(found.totalCount / perPage);
    const links = legacyPages(page, lastPage).map(([rel, target]) => ({
      href: linkTo(legacyPath, parameters, { page: String(target) }),
      rel,
    }));
    return searchAnswer({ ...found, json: [toLegacyEvents(found.json, timezone)] }, links);
  }

  async #find(query: SearchQuery, page: PageRequest, signal: AbortSignal): Promise<FoundPage> {
    try {
      return await this.search.find(query, page, signal);
    } catch (error) {
      throw error instanceof UnknownPlaceError ? badCursor() : error;
    }
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

function searchAnswer({ json, events, totalCount }: FoundPage, links: unknown): Answer {
  const tail = `],"total_count":${totalCount},"links":${JSON.stringify(links)}}`;
  return {
    status: 200,
    headers: { "content-type": "application/json" },
    chunks: [Buffer.from('{"results":['), ...json, Buffer.from(tail)],
    events,
  };
}
