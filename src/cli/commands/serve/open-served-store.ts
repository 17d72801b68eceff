import { BusyError } from "../../../errors.js";
import type { EventSearch } from "../../../events-api/event-search.js";
import { tryAgainLater } from "../../../http/answer.js";
import type { ServedStore } from "../../../serve/routes.js";
import type { EventStore } from "../../../store/event-store.js";
import { openStore } from "../../../store/open-store.js";
import type { StoreAddress } from "../../../store/store-address.js";

export interface OpenedStore extends ServedStore {
  /** As it is shown. */
  readonly name: string;
  close(): Promise<void>;
}

/** Opens a store to be searched only. A DuckDB file is let go of while nobody asks, so that it can be synced. */
export async function openServedStore(address: StoreAddress): Promise<OpenedStore> {
  const open = () => openStore(address, { mode: "read", create: false });
  const store = new IdleStore(await open(), open, address.engine === "duckdb");
  return {
    name: address.name,
    search: store,
    check: () => store.check(),
    close: () => store.close(),
  };
}

/** How long nobody asks before the file is let go of, in milliseconds. */
const idleTime = 1_000;

/** How long a client had better wait for a sync, in seconds. */
const secondsToWait = 5;

/** A store that is open while it is used, and a little longer. */
class IdleStore implements EventSearch {
  readonly #open: () => Promise<EventStore>;
  readonly #letsGo: boolean;
  #store: Promise<EventStore> | undefined;
  #users = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(store: EventStore, open: () => Promise<EventStore>, letsGo: boolean) {
    this.#store = Promise.resolve(store);
    this.#open = open;
    this.#letsGo = letsGo;
    this.#waitForUsers();
  }

  find(...search: Parameters<EventSearch["find"]>): ReturnType<EventSearch["find"]> {
    return this.#use((store) => store.find(...search));
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
