import type { EventSearch } from "../events-api/event-search.js";
import type { Span } from "../time/local-time.js";

/**
 * Events that are kept whole, each once. Times are epoch milliseconds; ranges begin inclusively and end
 * exclusively.
 *
 * An event is known by its identity: its `event_id`, or a hash of its text where it has none. Two with
 * the same identity are the same event where their times are no further apart than `sameEventWithin`.
 */
export interface EventStore extends EventSearch {
  /** As it is shown; never with a password. */
  readonly name: string;
  /** What the store belongs to and remembers. */
  readFacts(): Promise<StoreFacts>;
  /** Changes those facts that are given. */
  writeFacts(facts: Partial<StoreFacts>): Promise<void>;
  /** What was kept of each period, by its name. */
  readPeriods(): Promise<Map<string, StoredPeriod>>;
  /**
   * Adds the events that are not there yet, and the record of a period, all at once: after a kill or a
   * failure either all of it is there or nothing.
   */
  load(batch: LoadBatch): Promise<LoadResult>;
  /** Number of events in each of the ranges. */
  count(ranges: readonly Span[], selection?: CountSelection): Promise<number[]>;
  /**
   * Removes the events before a moment, and the records of periods that end by then.
   *
   * @returns number of events removed
   */
  removeBefore(moment: number): Promise<number>;
  info(): Promise<StoreInfo>;
  /**
   * How much there is of a recipient. Addresses compare without regard to the case of ASCII's letters,
   * here and below.
   */
  recipientExtent(address: string): Promise<Extent>;
  /**
   * Removes all events of a recipient, and keeps out what is loaded later and is from before a moment.
   * Of these events nothing is left but hashes.
   *
   * @returns number of events removed
   */
  forget(address: string, moment: number): Promise<number>;
  /** Number of events in each of the ranges that were removed or stayed out since a recipient is forgotten. */
  countForgotten(ranges: readonly Span[]): Promise<number[]>;
  /** Lets go of the hashes of what is from before a moment: it is not kept out any longer. */
  dropForgottenBefore(moment: number): Promise<void>;
  /**
   * Gives back what space removed events took, and leaves nothing of them in the files. The store is
   * closed by it.
   *
   * @returns size of all that the store takes, in bytes
   */
  compact(): Promise<{ readonly before: number; readonly after: number }>;
  /**
   * Makes a search for the metadata that a path leads to quick.
   *
   * @returns whether there was no such index yet
   * @throws UsageError where the database has no such indexes
   */
  addIndex(path: readonly string[]): Promise<boolean>;
  /** @returns whether there was such an index */
  removeIndex(path: readonly string[]): Promise<boolean>;
  /**
   * Keeps the store to one sync at a time, until it is closed.
   *
   * @throws BusyError where another has it
   */
  reserve(): Promise<void>;
  /** Leaves no file behind where this program made it, and has kept nothing in it; to be called before `close`. */
  discardIfEmpty(): Promise<void>;
  close(): Promise<void>;
}

/** In milliseconds: what tells of an event by webhook may leave out the fraction of its second. */
export const sameEventWithin = 1000;

export interface StoreFacts {
  /** Origin of the host that the events come from; undefined for a store that is new. */
  readonly origin: string | undefined;
  /** Numbers of the subaccounts whose events it holds; empty for all. */
  readonly subaccounts: readonly string[];
  /** Where the store begins, epoch milliseconds. */
  readonly since: number | undefined;
  /** Names of periods. */
  readonly acceptedGaps: readonly string[];
}

/** What is known of a period that was loaded. */
export interface StoredPeriod extends LoadedPeriod {
  /** Number of events of the period in the store, when it was loaded. */
  readonly rows: number;
}

export interface LoadedPeriod {
  /** Epoch milliseconds, inclusive. */
  readonly from: number;
  /** Epoch milliseconds, exclusive. */
  readonly to: number;
  /** Number of events that SparkPost counted; null where it gave no number. */
  readonly totalCount: number | null;
  /** Epoch milliseconds. */
  readonly exportedAt: number;
  /** Whether all of the period was exported, or what was there of it at the time. */
  readonly state: "complete" | "partial";
  /** Version of this tool that exported it. */
  readonly toolVersion: string | null;
}

export interface LoadBatch {
  /** Paths of CSV files in the layout of `storeLayout`. */
  readonly files: readonly string[];
  /** Where an event's own time cannot be read, it is kept at this one; epoch milliseconds. */
  readonly fallbackTime: number;
  /** What is to be on record with the events. */
  readonly period?: { readonly name: string } & LoadedPeriod;
}

export interface LoadResult {
  /** Number of events in the files, each counted once. */
  readonly events: number;
  /** How many of those are new. */
  readonly added: number;
}

export interface CountSelection {
  /** Event types; undefined for all. */
  readonly types?: readonly string[] | undefined;
  /** Numbers of subaccounts, as text; undefined for all. */
  readonly subaccounts?: readonly string[] | undefined;
}

/** Of some events. */
export interface Extent {
  readonly events: number;
  /** Time of the oldest event, epoch milliseconds; undefined where there is none. */
  readonly oldest: number | undefined;
  readonly newest: number | undefined;
}

export interface StoreInfo extends Extent {
  /** Size of all that the store takes. */
  readonly bytesOnDisk: number;
  readonly schemaVersion: number;
  /** Such as `DuckDB v1.5.5`. */
  readonly engine: string;
  /** Paths that have an index of their own. */
  readonly indexes: readonly (readonly string[])[];
}

/** `read` changes nothing, not even the schema. */
export type StoreMode = "write" | "read";

export interface OpenOptions {
  readonly mode: StoreMode;
  /** Whether a store is made where there is none; only in mode `write`. */
  readonly create: boolean;
  /** How many searches there may be at once, so that none waits for another. Default: 4. */
  readonly searches?: number | undefined;
}
