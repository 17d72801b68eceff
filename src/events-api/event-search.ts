import type { SearchFilter } from "../api/search-filters.js";
import type { TimeSpan } from "../time/retention.js";

/** Events that can be searched. All that the HTTP side knows of them. */
export interface EventSearch {
  /**
   * A page of the events that a query finds: newest first, and of those with the same time by identity,
   * descending by its bytes. The identity is the `event_id`; for an event without one, `sha256:` and
   * the SHA-256 of its JSON in hexadecimal digits, which also stands for an id that is very long.
   *
   * @throws UnknownPlaceError where `after` comes from nowhere
   */
  find(query: SearchQuery, page: PageRequest, signal: AbortSignal): Promise<FoundPage>;
}

/** What is searched for, apart from the page of it. */
export interface SearchQuery {
  /** Start of the time range, inclusive, in milliseconds since 1970. */
  readonly from: number;
  /** End of the time range, exclusive. */
  readonly to: number;
  /** Event types; `undefined` for all. */
  readonly types: readonly string[] | undefined;
  /** All of them have to match. */
  readonly filters: readonly QueryFilter[];
  /** All of them have to match. */
  readonly metadata: readonly MetadataFilter[];
}

/** An event matches when one of `values` does. */
export interface QueryFilter {
  readonly filter: SearchFilter;
  readonly values: readonly string[];
}

/**
 * An event matches when what the path leads to is one of `values`: a string as it is, a number with the
 * digits that were sent, a boolean as `true` or `false`. Nothing else matches.
 */
export interface MetadataFilter {
  /** From the event on, such as `rcpt_meta`, `order_id`; a number may be the place in a list. */
  readonly path: readonly string[];
  readonly values: readonly string[];
}

export type PageRequest =
  | {
      readonly limit: number;
      /**
       * The `next` of an earlier page; undefined for the first one. It has been in the hands of the
       * client, so it may be anything.
       */
      readonly after: string | undefined;
    }
  | { readonly limit: number; readonly offset: number };

export interface FoundPage {
  /** The events' JSON, with commas between them. */
  readonly json: readonly Uint8Array[];
  /** Number of events in the page. */
  readonly events: number;
  /** Number of events that the query finds. */
  readonly totalCount: number;
  /** Where the next page begins; undefined on the last one. Of no meaning but to `after`. */
  readonly next: string | undefined;
  /** What is known to be lacking of the time range, oldest first; nothing where that is not known. */
  readonly missing?: readonly TimeSpan[];
}

/** A page is asked for after something that is the end of none. */
export class UnknownPlaceError extends Error {
  override readonly name = "UnknownPlaceError";
}
