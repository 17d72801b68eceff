import { KeyRing } from "../../../access/key-ring.js";
import type { ServeSettings } from "../../../config/serve-settings.js";
import { countOf } from "../../../count.js";
import { aborted } from "../../../http/end-of.js";
import { packageVersion } from "../../../package-version.js";
import { startServer } from "../../../serve/server.js";
import type { RunLog } from "../../log/run-log.js";
import type { Edges } from "../../process/edges.js";
import { createServerLog } from "./log-requests.js";
import type { OpenedStore } from "./open-served-store.js";

export interface ServeOptions {
  readonly settings: ServeSettings;
  /** To be told of. */
  readonly warnings: readonly string[];
  readonly log: RunLog;
}

/** Serves a store until the signal to stop; then ends what is running, and closes the store. */
export async function serveStore(
  openStore: () => Promise<OpenedStore>,
  { settings, warnings, log }: ServeOptions,
  { clock, signal }: Edges,
): Promise<void> {
  try {
    // Whoever lacks keys is told before a large store is opened.
    const keys = await KeyRing.open(settings.access);
    const store = await openStore();
    try {
      const { listen, tls, behindProxy, limits } = settings;
      const options = { keys, listen, tls, behindProxy, limits, clock };
      const server = await startServer({ ...options, store, log: createServerLog(log) });
      log.write(
        "info",
        "listening",
        `${store.name} is at ${server.url}, for ${countOf(keys.size, "key")} of ${settings.access}. Ctrl-C stops it.`,
        { url: server.url, store: store.name, keys: keys.size, version: packageVersion() },
      );
      for (const warning of warnings) {
        log.write("warning", "warning", warning);
      }
      await aborted(signal);
      log.write("info", "stopping", "Ending what is running.");
      await server.close();
    } finally {
      await store.close();
    }
    log.write("info", "stopped", "Stopped.");
  } catch (error) {
    throw log.fail(error);
  }
}
