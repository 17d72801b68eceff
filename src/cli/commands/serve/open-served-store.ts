import { BusyError } from "../../../errors.js";
import type { EventSearch } from "../../../events-api/event-search.js";
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

/** Opens a store to be searched only. A DuckDB file is let go of while nobody asks, so that it can be synced. */
export async function openServedStore(
  address: StoreAddress,
  now: () => number,
): Promise<OpenedStore> {
  const open = () => openStore(address, { mode: "read", create: false });
  const store = new IdleStore(await open(), open, address.engine === "duckdb", now);
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
  readonly #letsGo: boolean;
  #store: Promise<EventStore> | undefined;
  #users = 0;
  #timer: NodeJS.Timeout | undefined;

  readonly #now: () => number;
  #records: { readonly at: number; readonly records: Promise<SyncRecords> } | undefined;

  constructor(
    store: EventStore,
    open: () => Promise<EventStore>,
    letsGo: boolean,
    now: () => number,
  ) {
    this.#store = Promise.resolve(store);
    this.#open = open;
    this.#letsGo = letsGo;
    this.#now = now;
    this.#waitForUsers();
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
    const store = await this.#store?.catch(() => undefined);
    this.#store = undefined;
    await store?.close();
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
    clearTimeout(this.#timer);
    this.#users++;
    try {
      return await work(await this.#opened());
    } finally {
      this.#users--;
      this.#waitForUsers();
    }
  }

  async #opened(): Promise<EventStore> {
    const opening = this.#store ?? this.#open();
    this.#store = opening;
    try {
      return await opening;
    } catch (error) {
      this.#store = undefined;
      throw error instanceof BusyError
        ? tryAgainLater("The store is being written to.", secondsToWait)
        : error;
    }
  }

  #waitForUsers(): void {
    if (this.#letsGo && this.#users === 0) {
      this.#timer = setTimeout(() => void this.close().catch(() => {}), idleTime).unref();
    }
  }
}
