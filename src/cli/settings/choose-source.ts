import { createHash } from "node:crypto";
import { mostPerPage } from "../../api/search.js";
import { mainSettings } from "../../config/setting-names.js";
import { UsageError } from "../../errors.js";
import { localFetch } from "../../events-api/local-fetch.js";
import type { EventStore } from "../../store/event-store.js";
import { openStore } from "../../store/open-store.js";
import { coverageOf } from "../../sync/store-coverage.js";
import type { Edges } from "../process/edges.js";
import type { EventSource } from "./event-source.js";
import { hostSource } from "./host-source.js";
import type { Session } from "./session.js";
import { namedStore } from "./store-place.js";
import { warnOfUncovered } from "./uncovered-range.js";

/**
 * @param store what names one, where it is asked for
 * @throws UsageError where it names none, or a host is asked for too
 */
export function chooseSource(
  store: string | undefined,
  session: Session,
  edges: Edges,
): EventSource {
  return store === undefined ? hostSource(session, edges) : storeSource(store, session, edges);
}

function storeSource(text: string, session: Session, edges: Edges): EventSource {
  const host = mainSettings.host.option;
  if (session.sources.options[host] !== undefined) {
    throw new UsageError(`--store is a database here, --${host} a server elsewhere.`, {
      hint: "Leave one of them out.",
    });
  }
  const address = namedStore(text);
  const id = createHash("sha256").update(address.name).digest("hex").slice(0, 16);
  // Nothing is ever sent there.
  const origin = `https://${id}.invalid`;
  let opened: Promise<EventStore> | undefined;
  const open = () => {
    const searches = session.settings.concurrency;
    opened ??= openStore(address, { mode: "read", create: false, searches });
    return opened;
  };
  const settings = { ...session.settings, origin, retention: Number.POSITIVE_INFINITY };
  const ownSession = { ...session, settings };
  return {
    name: address.name,
    session: ownSession,
    sessionFor: async () => ownSession,
    async connect() {
      const store = await open();
      const { clock, signal } = edges;
      const { timeout, giveUpAfter, maxBody, concurrency } = session.settings;
      return {
        // Nobody asks for it.
        apiKey: "none",
        host: origin,
        name: address.name,
        fetch: localFetch(store, { now: () => clock.now(), mostPerPage }),
        ...{ timeout, giveUpAfter, maxBody, concurrency, clock, signal },
      };
    },
    async warnOf(range) {
      const coverage = await coverageOf(await open(), range, edges.clock.now());
      return warnOfUncovered(coverage, {
        ...session.settings,
        name: address.name,
        way: `sparky-events sync --to ${address.name} (with --include-today) brings what SparkPost still has.`,
      });
    },
    async close() {
      const store = await opened?.catch(() => undefined);
      await store?.close();
    },
  };
}
