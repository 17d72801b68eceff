import { createHash } from "node:crypto";
import { homedir } from "node:os";
import { join } from "node:path";
import { parseStoreAddress, type StoreAddress } from "../../store/store-address.js";
import type { Edges } from "../process/edges.js";

/** Where a store is when none is named. */
const defaultStore = "events.duckdb";

/**
 * The store that a command line names.
 *
 * @throws UsageError where it names none, or with a password, which others see there
 */
export function namedStore(text = defaultStore): StoreAddress {
  return parseStoreAddress(text, true);
}

/**
 * The folder for exports that are on their way into a store: beside a file, and for a server in the
 * person's folder for what outlasts a run.
 */
export function workFolderOf(store: StoreAddress, { env }: Pick<Edges, "env">): string {
  if (store.engine === "duckdb") {
    return `${store.path}.sync`;
  }
  const id = createHash("sha256").update(store.name).digest("hex").slice(0, 16);
  return join(stateFolder({ env }), `sync-${id}`);
}

/** The person's folder for what outlasts a run. */
export function stateFolder({ env }: Pick<Edges, "env">): string {
  const state = env.XDG_STATE_HOME || join(env.HOME || homedir(), ".local", "state");
  return join(state, "sparky-events");
}
