import { once } from "node:events";
import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as wait } from "node:timers/promises";
import type { EventSource } from "./event-source.js";
import { type Answer, ApiError, errorAnswer } from "./http/answer.js";
import { createFaultSequence, type Fault, spoilAnswer } from "./http/faults.js";
import { RateLimit } from "./http/rate-limit.js";
import { createRouter } from "./http/routes.js";
import { sendAnswer } from "./http/send.js";

const host = "127.0.0.1";

/** Far above the longest URI allowed, so that a longer one gets its 414 and not Node's own 431. */
const mostHeaderBytes = 256 * 1024;

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
  const decide = createDecision(options);
  const server = createServer({ maxHeaderSize: mostHeaderBytes }, async (request, response) => {
    const { answer, fault } = decide(request);
    if (latency > 0) await wait(latency, undefined, { ref: false });
    sendAnswer(response, answer, fault);
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

interface Decision {
  readonly answer: Answer;
  readonly fault?: Fault | undefined;
}

function createDecision(options: SandboxOptions): (request: IncomingMessage) => Decision {
  const { source, rateLimit, failRate = 0, seed = 1, now = Date.now } = options;
  const limit = rateLimit === undefined ? undefined : new RateLimit(rateLimit, now);
  const rateNow = typeof failRate === "number" ? () => failRate : failRate;
  const nextFault = createFaultSequence(rateNow, seed);
  const route = createRouter(source, now);
  return (request) => {
    const refusal = limit?.refuse();
    if (refusal) return { answer: refusal };
    try {
      const answerRequest = route(request);
      const fault = nextFault();
      return { answer: spoilAnswer(answerRequest(), fault), fault };
    } catch (error) {
      if (error instanceof ApiError) return { answer: errorAnswer(error) };
      throw error;
    }
  };
}
