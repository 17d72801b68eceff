import {
  type EventSearch,
  type FoundPage,
  type PageRequest,
  type SearchQuery,
  UnknownPlaceError,
} from "../events-api/event-search.js";
import { unitLength } from "../time/units.js";
import type { EventSource } from "./event-source.js";
import { LruCache } from "./lru-cache.js";
import { createMatcher, type Selection } from "./match.js";

/** SparkPost forgets older events, without a word. */
const retention = 10 * unitLength.day;

/** Room for the match lists of recent queries: 64 MiB. */
const cachedMatches = 16 * 1024 * 1024;

/** The events that a query finds, newest first. */
interface SearchResult {
  readonly count: number;
  /** Indices of the events from one position to another, exclusive, as far as they exist. */
  slice(start: number, end: number): Uint32Array;
  /** Position of the first event whose index is not below `index`. */
  positionOf(index: number): number;
}

/** Finds the events of the source that are there at `now`: arrived, and not left behind yet. */
export class SimulatedSearch implements EventSearch {
  readonly #matchLists = new LruCache<string, Uint32Array>(cachedMatches, (list) => list.length);

  constructor(
    private readonly source: EventSource,
    private readonly now: () => number,
  ) {}

  /** The place where a page begins is the index of its first event. */
  async find(query: SearchQuery, page: PageRequest): Promise<FoundPage> {
    const result = this.#findAll(query);
    const start = "offset" in page ? page.offset : placeOf(page.after, result);
    // One event more than the page holds, where the next page begins.
    const indices = result.slice(start, start + page.limit + 1);
    const found = indices.subarray(0, page.limit);
    return {
      json: this.source.json(found),
      events: found.length,
      totalCount: result.count,
      next: indices[page.limit]?.toString(),
    };
  }

  #findAll(query: SearchQuery): SearchResult {
    const now = this.now();
    const start = this.#firstBefore(Math.min(query.to, now + 1));
    const end = Math.max(start, this.#firstBefore(Math.max(query.from, now - retention)));
    const found = this.#findBetween(start, end, query);
    if (!this.source.availableAt) return found;
    const indices = found.slice(0, found.count);
    return indexList(indices.filter((index) => this.source.availableAt!(index) <= now));
  }

  #findBetween(start: number, end: number, query: SearchQuery): SearchResult {
    if (!query.types && query.filters.length === 0 && query.metadata.length === 0) {
      return indexRange(start, end);
    }
    const matches = this.#matchesOf(query);
    return indexList(matches.subarray(lowerBound(matches, start), lowerBound(matches, end)));
  }

  /** Index of the newest event before `time`. */
  #firstBefore(time: number): number {
    return firstWhere(this.source.length, (index) => this.source.timestampOf(index) < time);
  }

  /**
   * Matches at any time, not just in the query's range: clients ask for one range after another
   * with the same filters.
   */
  #matchesOf({ types, filters, metadata }: Selection): Uint32Array {
    const named = filters.map(({ filter, values }) => [filter.name, values]);
    const key = JSON.stringify([types, named, metadata]);
    return this.#matchLists.getOrMake(key, () => {
      const matches = createMatcher(this.source, { types, filters, metadata });
      const indices: number[] = [];
      for (let index = 0; index < this.source.length; index++) {
        if (matches(index)) indices.push(index);
      }
      return Uint32Array.from(indices);
    });
  }
}

function placeOf(after: string | undefined, result: SearchResult): number {
  if (after === undefined) return 0;
  if (!/^\d{1,10}$/.test(after)) throw new UnknownPlaceError("not the index of an event");
  return result.positionOf(Number(after));
}

function indexRange(first: number, end: number): SearchResult {
  const count = end - first;
  const clamp = (position: number): number => Math.min(Math.max(position, 0), count);
  return {
    count,
    slice: (from, to) => {
      const start = clamp(from);
      return Uint32Array.from({ length: clamp(to) - start }, (_, i) => first + start + i);
    },
    positionOf: (index) => clamp(index - first),
  };
}

function indexList(indices: Uint32Array): SearchResult {
  return {
    count: indices.length,
    slice: (start, end) => indices.subarray(start, end),
    positionOf: (index) => lowerBound(indices, index),
  };
}

/** Position of the first of the rising `indices` that is not below `index`. */
function lowerBound(indices: Uint32Array, index: number): number {
  return firstWhere(indices.length, (position) => indices[position]! >= index);
}

/** The first of `count` positions where `test` holds, or `count`; once true, it has to stay true. */
function firstWhere(count: number, test: (position: number) => boolean): number {
  let low = 0;
  let high = count;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (test(middle)) high = middle;
    else low = middle + 1;
  }
  return low;
}
