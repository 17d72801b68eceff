import { BusyError, ServiceError, StoreRefusedError, UsageError } from "../../../errors.js";
import type { EventSearch } from "../../../events-api/event-search.js";
import { statIfAny } from "../../../files/stat-if-any.js";
import { isWanted } from "../../../files/wanted.js";
import { tryAgainLater } from "../../../http/answer.js";
import type { ServedStore } from "../../../serve/routes.js";
import type { EventStore } from "../../../store/event-store.js";
import { openStore } from "../../../store/open-store.js";
import type { StoreAddress } from "../../../store/store-address.js";
import {
  coverageBy,
  coverageOf,
  readSyncRecords,
  type SyncRecords,
} from "../../../sync/store-coverage.js";
import type { Coverage } from "../../../time/coverage.js";
import type { TimeSpan } from "../../../time/retention.js";

export interface OpenedStore extends ServedStore {
  /** As it is shown. */
  readonly name: string;
  close(): Promise<void>;
}

/**
 * Opens a store for so many searches at once. A DuckDB file is let go of while nobody asks, so that it can
 * be synced.
 */
export async function openServedStore(
  address: StoreAddress,
  searches: number,
  now: () => number,
): Promise<OpenedStore> {
  const open = () => openStore(address, { mode: "read", create: false, searches });
  const file = address.engine === "duckdb" ? address.path : undefined;
  const store = await IdleStore.open(open, file, now);
  return {
    name: address.name,
    search: store,
    coverage: (range) => store.coverage(range),
    check: () => store.check(),
    close: () => store.close(),
  };
}

/** How long nobody asks before the file is let go of, in milliseconds. */
const idleTime = 1_000;

/** How long what syncs have put on record is known, in milliseconds. */
const recordsTime = 5_000;

/** How long a client had better wait for a sync, in seconds. */
const secondsToWait = 5;

/** A store that is open while it is used, and a little longer. */
class IdleStore implements EventSearch {
  readonly #open: () => Promise<EventStore>;
  readonly #file: string | undefined;
  readonly #now: () => number;
  #store: Promise<EventStore> | undefined;
  #closing: Promise<void> = Promise.resolve();
  #users = 0;
  #timer: NodeJS.Timeout | undefined;
  /** Whether it was never open. */
  #isNew = true;
  /** Which file is open; undefined where it was gone already. */
  #opened: string | undefined;
  #records: { readonly at: number; readonly records: Promise<SyncRecords> } | undefined;

  /** @param file path of what is let go of while nobody asks, or another program wants it */
  private constructor(
    open: () => Promise<EventStore>,
    file: string | undefined,
    now: () => number,
  ) {
    this.#open = open;
    this.#file = file;
    this.#now = now;
  }

  static async open(
    open: () => Promise<EventStore>,
    file: string | undefined,
    now: () => number,
  ): Promise<IdleStore> {
    const store = new IdleStore(open, file, now);
    await store.#begin();
    store.#waitForUsers();
    return store;
  }

  async find(...search: Parameters<EventSearch["find"]>): ReturnType<EventSearch["find"]> {
    const [query] = search;
    return await this.#use(async (store) => {
      // First: what a sync brings meanwhile may be found, but must not be taken for found.
      const { missing } = coverageBy(await this.#syncRecords(store), query, this.#now());
      return { ...(await store.find(...search)), missing };
    });
  }

  async coverage(range: TimeSpan): Promise<Coverage> {
    return await this.#use((store) => coverageOf(store, range, this.#now()));
  }

  async check(): Promise<void> {
    await this.#use((store) => store.readFacts());
  }

  async close(): Promise<void> {
    clearTimeout(this.#timer);
    const opening = this.#store;
    // Whoever asks from now on waits for the end of it, and opens it anew.
    this.#store = undefined;
    this.#records = undefined;
    this.#closing = this.#closing.then(async () => {
      const store = await opening?.catch(() => undefined);
      await store?.close();
    });
    await this.#closing;
  }

  /** For each page of a search, they need not be those of this moment. */
  async #syncRecords(store: EventStore): Promise<SyncRecords> {
    const now = this.#now();
    if (!this.#records || Math.abs(now - this.#records.at) >= recordsTime) {
      const records = readSyncRecords(store);
      this.#records = { at: now, records };
      records.catch(() => {
        this.#records = undefined;
      });
    }
    return await this.#records.records;
  }

  async #use<Result>(work: (store: EventStore) => Promise<Result>): Promise<Result> {
    if (this.#file !== undefined) {
      await this.#refuseOther(this.#file);
    }
    clearTimeout(this.#timer);
    this.#users++;
    try {
      return await work(await this.#begin());
    } finally {
      this.#users--;
      this.#waitForUsers();
    }
  }

  /** Lets nobody in where another program waits for the file, or it is no longer the one that is open. */
  async #refuseOther(file: string): Promise<void> {
    if (await isWanted(file)) {
      throw tryAgainLater("The store is about to be written to.", secondsToWait);
    }
    const present = await lookOf(file);
    if (this.#store && present !== this.#opened) {
      if (this.#users > 0) {
        throw tryAgainLater("The store was replaced.", secondsToWait);
      }
      await this.close();
    }
  }

  async #begin(): Promise<EventStore> {
    const opening = this.#store ?? this.#reopen();
    this.#store = opening;
    try {
      return await opening;
    } catch (error) {
      this.#store = this.#store === opening ? undefined : this.#store;
      if (this.#isNew) {
        throw error;
      }
      throw error instanceof BusyError
        ? tryAgainLater("The store is being written to.", secondsToWait)
        : isRefused(error)
          ? // It was there when the server began, so it may be there again.
            new ServiceError(error.message, { cause: error })
          : error;
    }
  }

  async #reopen(): Promise<EventStore> {
    await this.#closing;
    this.#opened = this.#file && (await lookOf(this.#file));
    const store = await this.#open();
    this.#isNew = false;
    return store;
  }

  #waitForUsers(): void {
    if (this.#file !== undefined && this.#users === 0) {
      this.#timer = setTimeout(() => void this.close().catch(() => {}), idleTime).unref();
    }
  }
}

async function lookOf(file: string): Promise<string | undefined> {
  const known = await statIfAny(file);
  return known && `${known.dev}:${known.ino}`;
}

function isRefused(error: unknown): error is Error {
  return error instanceof UsageError || error instanceof StoreRefusedError;
}
