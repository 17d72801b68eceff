import type { EventSearch } from "../../../events-api/event-search.js";
import type { ServedStore } from "../../../serve/routes.js";
import { openStore } from "../../../store/open-store.js";
import type { StoreAddress } from "../../../store/store-address.js";

export interface OpenedStore extends ServedStore {
  /** As it is shown. */
  readonly name: string;
  close(): Promise<void>;
}

/** Opens a store to be searched only. */
export async function openServedStore(address: StoreAddress): Promise<OpenedStore> {
  const store = await openStore(address, { mode: "read", create: false });
  return {
    name: store.name,
    search: store as typeof store & EventSearch,
    async check() {
      await store.readFacts();
    },
    close: () => store.close(),
  };
}
