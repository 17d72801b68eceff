import type { EventStore, OpenOptions } from "./event-store.js";
import type { StoreAddress } from "./store-address.js";

/** Opens a store. Its database's package is loaded now: it is large, and optional. */
export async function openStore(address: StoreAddress, options: OpenOptions): Promise<EventStore> {
  if (address.engine === "duckdb") {
    const { openDuckDbStore } = await import("./duckdb/duckdb-store.js");
    return await openDuckDbStore(address, options);
  }
  const { openPostgresStore } = await import("./postgres/postgres-store.js");
  return await openPostgresStore(address, options);
}
