import { join } from "node:path";
import { onTestFinished } from "vitest";
import { addKey } from "../../src/access/change-access.js";
import { KeyRing } from "../../src/access/key-ring.js";
import { type Role, roles } from "../../src/access/roles.js";
import { type Clock, systemClock } from "../../src/clock.js";
import type { EventSearch } from "../../src/events-api/event-search.js";
import type { EventSource } from "../../src/sandbox/event-source.js";
import { generateEvents } from "../../src/sandbox/generated-events.js";
import { SimulatedSearch } from "../../src/sandbox/simulated-search.js";
import { defaultLimits, type Limits } from "../../src/serve/limits.js";
import type { ServedStore } from "../../src/serve/routes.js";
import { type RunningServer, type ServerOptions, startServer } from "../../src/serve/server.js";
import type { RequestFacts } from "../../src/serve/server-log.js";
import { newFolder } from "./command.js";

export interface TestServerOptions {
  /** Made-up events by default. */
  readonly search?: EventSearch;
  readonly coverage?: ServedStore["coverage"] | undefined;
  readonly check?: ServedStore["check"] | undefined;
  readonly limits?: Partial<Limits>;
  readonly tls?: ServerOptions["tls"];
  readonly behindProxy?: boolean;
  readonly clock?: Clock;
}

export interface TestServer extends RunningServer {
  /** Path of the access file. */
  readonly access: string;
  /** A key of each role. */
  readonly keys: Readonly<Record<Role, string>>;
  readonly requests: RequestFacts[];
  readonly failures: { readonly id: string; readonly cause: unknown }[];
  /** Whether the certificate was renewed or refused, each time. */
  readonly certificates: string[];
  /** With the key that may search, unless there is another header. */
  get(target: string, headers?: Record<string, string>): Promise<Response>;
}

export const eventsPath = "/api/v1/events/message";

const now = Date.now();

export function madeUpEvents(events: number): EventSource {
  return generateEvents({ events, seed: 7, now });
}

export function searchOf(source: EventSource): EventSearch {
  return new SimulatedSearch(source, Date.now);
}

/** What can be searched, as a store that lacks nothing. */
export function storeOf(
  search: EventSearch,
  { coverage, check }: Pick<TestServerOptions, "coverage" | "check"> = {},
): ServedStore {
  return {
    search,
    coverage: coverage ?? (async () => ({ missing: [], unproven: false })),
    check: check ?? (async () => {}),
  };
}

/** A server in this process, over anything that can be searched; gone when the test ends. */
export async function startTestServer({
  search = searchOf(madeUpEvents(2_000)),
  coverage,
  check,
  limits = {},
  tls,
  behindProxy = false,
  clock = systemClock,
}: TestServerOptions = {}): Promise<TestServer> {
  const access = join(await newFolder(), "keys");
  const keys: Partial<Record<Role, string>> = {};
  for (const role of roles) {
    keys[role] = await addKey(access, { name: `my-${role}`, role }, systemClock);
  }
  const requests: TestServer["requests"] = [];
  const failures: TestServer["failures"] = [];
  const certificates: string[] = [];
  const server = await startServer({
    store: storeOf(search, { coverage, check }),
    keys: await KeyRing.open(access),
    listen: { host: "127.0.0.1", port: 0, isLoopback: true },
    tls,
    behindProxy,
    limits: { ...defaultLimits, ...limits },
    clock,
    log: {
      request: (facts) => void requests.push(facts),
      failure: (id, cause) => void failures.push({ id, cause }),
      certificateRenewed: () => void certificates.push("renewed"),
      certificateRefused: () => void certificates.push("refused"),
    },
  });
  let closing: Promise<void> | undefined;
  const close = () => (closing ??= server.close());
  onTestFinished(close);
  const get = (target: string, headers: Record<string, string> = {}) =>
    fetch(server.url + target, { headers: { authorization: keys.search ?? "", ...headers } });
  return {
    url: server.url,
    close,
    access,
    keys: keys as Record<Role, string>,
    requests,
    failures,
    certificates,
    get,
  };
}

/** A search that ends when the test wants it to. */
export class HeldSearch implements EventSearch {
  /** Searches that have begun, and what became of them. */
  readonly searches: { isOver: boolean; isCancelled: boolean }[] = [];
  readonly #search: EventSearch;
  readonly #release: (() => void)[] = [];

  /** @param heedsSignal whether a search ends when it is cancelled */
  constructor(
    source: EventSource,
    private readonly heedsSignal = true,
  ) {
    this.#search = searchOf(source);
  }

  async find(...[query, page, signal]: Parameters<EventSearch["find"]>) {
    const state = { isOver: false, isCancelled: false };
    this.searches.push(state);
    try {
      await new Promise<void>((resolve, reject) => {
        this.#release.push(resolve);
        signal.addEventListener("abort", () => {
          state.isCancelled = true;
          if (this.heedsSignal) {
            reject(new Error("cancelled, in the words of a database"));
          }
        });
      });
      return await this.#search.find(query, page, signal);
    } finally {
      state.isOver = true;
    }
  }

  /** Lets those go on that have begun. */
  release(): void {
    for (const resolve of this.#release.splice(0)) {
      resolve();
    }
  }
}
