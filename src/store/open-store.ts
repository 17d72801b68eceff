import type { EventStore, StoreMode } from "./event-store.js";
import type { StoreAddress } from "./store-address.js";

export interface OpenOptions {
  readonly mode: StoreMode;
  /** Whether a store is made where there is none; only in mode `write`. */
  readonly create: boolean;
}

/** Opens a store. Its database's package is loaded now: it is large, and optional. */
export async function openStore(address: StoreAddress, options: OpenOptions): Promise<EventStore> {
  if (address.engine === "duckdb") {
    const { openDuckDbStore } = await import("./duckdb/duckdb-store.js");
    return await openDuckDbStore(address, options);
  }
  const { openPostgresStore } = await import("./postgres/postgres-store.js");
  return await openPostgresStore(address, options);
}
