import { once } from "node:events";
import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as wait } from "node:timers/promises";
import { eventsApiRoutes } from "../events-api/routes.js";
import { type Answer, HttpError } from "../http/answer.js";
import { endOf } from "../http/end-of.js";
import type { Caller, Route } from "../http/route.js";
import { createRouter } from "../http/router.js";
import type { EventSource } from "./event-source.js";
import { createFaultSequence, type Fault, spoilAnswer } from "./faults.js";
import { RateLimit } from "./rate-limit.js";
import { sendSpoilt } from "./send-spoilt.js";
import { SimulatedSearch } from "./simulated-search.js";

const host = "127.0.0.1";

/** Far above the longest URI allowed, so that a longer one gets its 414 and not Node's own 431. */
const mostHeaderBytes = 256 * 1024;

/** As SparkPost has it. */
const mostPerPage = 10_000;

export interface SandboxOptions {
  /** The events to serve. */
  readonly source: EventSource;
  /** Port to listen on; 0, the default, takes any free one. */
  readonly port?: number | undefined;
  /** Requests per second above which the answer is 429; no limit by default. */
  readonly rateLimit?: number | undefined;
  /** Time that each answer takes, in milliseconds; 0 by default. */
  readonly latency?: number | undefined;
  /**
   * Share of the requests that fail, 0 to 1; 0 by default. As a function it is asked for each
   * request, so that an outage can begin and end.
   */
  readonly failRate?: number | (() => number) | undefined;
  /** Decides which requests fail and how; 1 by default. */
  readonly seed?: number | undefined;
  /** The clock, in milliseconds since 1970; `Date.now` by default. */
  readonly now?: (() => number) | undefined;
}

export interface Sandbox {
  /** Scheme, host and port, such as `http://127.0.0.1:8080`. */
  readonly origin: string;
  readonly port: number;
  /** Stops the server and cuts the connections that are still open. */
  close(): Promise<void>;
}

/**
 * Starts a stand-in for SparkPost's event APIs on this machine.
 *
 * Rejects with the system's error when it cannot listen, such as `EADDRINUSE`.
 */
export async function startSandbox(options: SandboxOptions): Promise<Sandbox> {
  const { latency = 0 } = options;
  const handle = createHandler(options);
  const server = createServer({ maxHeaderSize: mostHeaderBytes }, async (request, response) => {
    const answer = await handle(request, endOf(response));
    if (latency > 0) await wait(latency, undefined, { ref: false });
    sendSpoilt(response, answer);
  });
  server.listen(options.port ?? 0, host);
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  return {
    origin: `http://${host}:${port}`,
    port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** Refuses what is beyond the rate limit, whatever it asks for. */
function createHandler(
  options: SandboxOptions,
): (request: IncomingMessage, signal: AbortSignal) => Promise<Answer> {
  const { source, rateLimit, failRate = 0, seed = 1, now = Date.now } = options;
  const limit = rateLimit === undefined ? undefined : new RateLimit(rateLimit, now);
  const rateNow = typeof failRate === "number" ? () => failRate : failRate;
  const search = new SimulatedSearch(source, now);
  const routes = eventsApiRoutes(search, { now, mostPerPage });
  const nextFault = createFaultSequence(rateNow, seed);
  const route = createRouter(withFaults(routes, nextFault), checkKey);
  return async (request, signal) => {
    const refusal = limit?.refuse();
    if (refusal) return refusal;
    const { answer, failure } = await route(request, signal);
    if (failure) throw failure.cause;
    return answer;
  };
}

/** Routes that fail now and then, for those who may call them. */
function withFaults(
  routes: readonly Route[],
  nextFault: () => Fault | undefined,
): readonly Route[] {
  return routes.map((route) => ({
    ...route,
    answer: async (request) => {
      const fault = nextFault();
      return spoilAnswer(await route.answer(request), fault);
    },
  }));
}

/** Takes any key but two that play the parts of a wrong one and of one without the grant. */
function checkKey({ headers: { authorization: key } }: IncomingMessage): Caller {
  if (!key || key === "unauthorized") throw new HttpError(401, "Unauthorized.");
  if (key === "forbidden") throw new HttpError(403, "Forbidden.");
  return { name: "any" };
}
