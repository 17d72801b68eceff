import type { Answer } from "../http/answer.js";
import type { RouteRequest } from "../http/route.js";
import { toUtcSeconds } from "../time/iso.js";
import type { TimeSpan } from "../time/retention.js";
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

/** Names what is lacking of the time range, as intervals of ISO 8601. SparkPost has no such header. */
const missingHeader = "sparky-events-missing";

/** A header has a limited length: behind so many intervals, one stands for all others. */
const mostIntervals = 20;

function writeMissing(missing: readonly TimeSpan[]): string {
  const shown = missing.slice(0, mostIntervals - 1);
  const rest = missing.slice(shown.length);
  const [first, last] = [rest[0], rest.at(-1)];
  const all = first && last ? [...shown, { from: first.from, to: last.to }] : shown;
  return all.map(writeInterval).join(", ");
}

function writeInterval({ from, to }: TimeSpan): string {
  return `${toUtcSeconds(from)}/${toUtcSeconds(to)}`;
}

function searchAnswer(
  { json, events, totalCount, missing = [] }: FoundPage,
  links: unknown,
): Answer {
  const tail = `],"total_count":${totalCount},"links":${JSON.stringify(links)}}`;
  return {
    status: 200,
    headers: {
      "content-type": "application/json",
      ...(missing.length > 0 ? { [missingHeader]: writeMissing(missing) } : {}),
    },
    chunks: [Buffer.from('{"results":['), ...json, Buffer.from(tail)],
    events,
  };
}
