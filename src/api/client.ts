import pRetry from "p-retry";
import { type Clock, systemClock } from "../clock.js";
import { ServiceError, UsageError } from "../errors.js";
import { packageVersion } from "../package-version.js";
import { formatDuration } from "../time/duration.js";
import { MalformedAnswerError } from "./answer.js";
import { createExchange, type ProxySettings } from "./create-exchange.js";
import type { BodySink } from "./exchange.js";
import { defaultHost, parseHost } from "./origin.js";
import { RequestGate } from "./request-gate.js";
import { retryDelay } from "./retry-delay.js";
import { wholeNumber } from "./search.js";
import { TransientFailure } from "./transient-failure.js";
import { followLink, type Received, receive, type Transport } from "./transport.js";

export interface Connection {
  readonly apiKey: string;
  /** A name, `name:port`, or an origin. Default: `api.sparkpost.com`. */
  readonly host?: string | undefined;
  /** What messages call who answers, where that is not SparkPost. */
  readonly name?: string | undefined;
  /** Longest silence of one request, in milliseconds. Default: 60 s. */
  readonly timeout?: number | undefined;
  /** How long to keep trying when nothing succeeds, in milliseconds. Default: 15 min. */
  readonly giveUpAfter?: number | undefined;
  /** Largest answer that is received, unpacked, in bytes. Default: 1 GB. */
  readonly maxBody?: number | undefined;
  readonly proxy?: ProxySettings | undefined;
  /** Sends the requests, in the place of Node's HTTP client and the proxy. */
  readonly fetch?: typeof fetch | undefined;
  /** The most requests at once. Default: 4, where there is anything to do at once. */
  readonly concurrency?: number | undefined;
  readonly clock?: Clock | undefined;
  /** Source of jitter, from 0 to 1. Default: `Math.random`. */
  readonly random?: (() => number) | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Called before each request, those sent again included. */
  readonly onRequest?: (() => void) | undefined;
  /** Called before each wait for another try. */
  readonly onWait?: ((wait: Wait) => void) | undefined;
  /** Called after each request that was answered whole. */
  readonly onAnswer?: ((answer: AnswerReport) => void) | undefined;
}

export interface Wait {
  readonly reason: string;
  readonly milliseconds: number;
}

export interface AnswerReport {
  /** Path without the query, which may hold recipients' addresses. */
  readonly path: string;
  readonly bytes: number;
  readonly milliseconds: number;
}

export interface ClientStatistics {
  /** Requests sent, those sent again included. */
  requests: number;
  /** Requests that were sent again. */
  retries: number;
  /** Time spent waiting before sending again, in milliseconds. */
  waited: number;
}

export const defaultConcurrency = 4;
export const mostConcurrency = 32;
/** The longest delay that Node's timers know, in milliseconds; a longer one would fire at once. */
const longestTimer = 2 ** 31 - 1;

export const defaultTimeout = 60_000;
export const defaultGiveUpAfter = 15 * 60_000;
/** A hundred times the largest page that SparkPost is known to send. */
export const defaultMaxBody = 1_000_000_000;

/** What messages call who answers. */
export function nameOf({ name = "SparkPost" }: Pick<Connection, "name">): string {
  return name;
}

/** @throws UsageError naming what is wrong */
export function requireConnection(connection: Connection): void {
  if (typeof connection !== "object" || connection === null) {
    throw new UsageError("connection must be an object with an apiKey.");
  }
  const { apiKey, concurrency = defaultConcurrency } = connection;
  if (typeof apiKey !== "string" || !isApiKey(apiKey)) {
    throw new UsageError("apiKey does not look like an API key.");
  }
  wholeNumber("concurrency", concurrency, mostConcurrency);
  for (const name of ["timeout", "giveUpAfter", "maxBody"] as const) {
    const value: unknown = connection[name];
    if (value !== undefined && !(typeof value === "number" && value > 0)) {
      throw new UsageError(`${name} must be a number above 0.`);
    }
  }
}

type ReadBody<Result> = (url: URL) => Result | Promise<Result>;

/** Sends requests to one origin, and sends them again while that may help. */
export class ApiClient {
  readonly statistics: ClientStatistics = { requests: 0, retries: 0, waited: 0 };
  readonly #connection: Connection;
  readonly #transport: Transport;
  readonly #clock: Clock;
  readonly #random: () => number;
  readonly #gate: RequestGate;
  readonly #giveUpAfter: number;
  /** When the current run of failures began; absent after a success. */
  #failingSince: number | undefined;
  #lastSuccess = Number.NEGATIVE_INFINITY;
  #everReached = false;

  constructor(connection: Connection) {
    requireConnection(connection);
    const origin = parseHost(connection.host ?? defaultHost);
    this.#connection = connection;
    this.#clock = connection.clock ?? systemClock;
    this.#giveUpAfter = connection.giveUpAfter ?? defaultGiveUpAfter;
    this.#random = connection.random ?? Math.random;
    this.#gate = new RequestGate({
      concurrency: connection.concurrency ?? defaultConcurrency,
      clock: this.#clock,
      random: this.#random,
      signal: connection.signal,
    });
    this.#transport = {
      origin,
      name: connection.name,
      apiKey: connection.apiKey,
      timeout: Math.min(connection.timeout ?? defaultTimeout, longestTimer),
      longest: Math.min(
        Math.max(this.#giveUpAfter, connection.timeout ?? defaultTimeout),
        longestTimer,
      ),
      maxBody: connection.maxBody ?? defaultMaxBody,
      userAgent: `sparky-events/${packageVersion()}`,
      exchange: createExchange(origin, connection),
      now: () => this.#clock.now(),
    };
  }

  /**
   * @param link path, or absolute URL on the client's origin
   * @param body takes the body of the answer, from its beginning again with each try
   * @param read tells the result once the body is whole, and where it came from; a
   *   `MalformedAnswerError` from it is retried
   * @throws KeyRefusedError, RejectedRequestError, ServiceError, or the signal's reason
   */
  get<Result>(link: string, body: BodySink, read: ReadBody<Result>): Promise<Result> {
    return pRetry(() => this.#attempt(link, body, read), {
      retries: Number.POSITIVE_INFINITY,
      minTimeout: 0,
      shouldRetry: ({ error }) => isTransient(error),
      onFailedAttempt: ({ error, attemptNumber }) =>
        isTransient(error) ? this.#waitAfter(error, attemptNumber) : undefined,
    });
  }

  /**
   * The path that a next link leads to.
   *
   * @param of the answer that has it
   * @throws ServiceError where the link must not be followed
   */
  nextPath(link: string | undefined, of: URL): string | undefined {
    if (link === undefined) {
      return undefined;
    }
    const { pathname, search } = followLink(link, of, this.#transport, "A next link");
    return pathname + search;
  }

  /** How many requests are worth having at once: the concurrency, or less under a rate limit. */
  get parallelism(): number {
    return this.#gate.limit;
  }

  close(): void {
    this.#transport.exchange.close();
  }

  async #attempt<Result>(link: string, body: BodySink, read: ReadBody<Result>): Promise<Result> {
    const entered = await this.#gate.enter();
    this.statistics.requests += 1;
    this.#connection.onRequest?.();
    try {
      const { bytes, url } = await this.#receive(link, body, entered);
      this.#everReached = true;
      const milliseconds = this.#clock.now() - entered;
      const result = await read(url);
      this.#failingSince = undefined;
      this.#lastSuccess = this.#clock.now();
      const path = new URL(link, this.#transport.origin).pathname;
      this.#connection.onAnswer?.({ path, bytes, milliseconds });
      return result;
    } catch (error) {
      this.#failsSince(entered);
      throw error;
    }
  }

  async #receive(link: string, body: BodySink, entered: number): Promise<Received> {
    try {
      const received = await receive(this.#transport, link, body, this.#connection.signal);
      this.#gate.leave(entered);
      return received;
    } catch (error) {
      if (error instanceof TransientFailure && error.details.rateLimited) {
        this.#failsSince(entered);
        this.#pauseAll(error, entered);
      } else {
        this.#gate.leave(entered);
      }
      throw error;
    }
  }

  #pauseAll(error: TransientFailure, entered: number): void {
    const longest = Math.max(0, this.#timeLeft());
    const milliseconds = this.#gate.refuse(entered, error.details.retryAfter, longest);
    if (milliseconds > 0) {
      this.#connection.onWait?.({ reason: error.message, milliseconds });
      this.statistics.waited += milliseconds;
    }
  }

  /** Waits before the next attempt, or gives up when nothing has succeeded for too long. */
  async #waitAfter(error: Error, attempts: number): Promise<void> {
    const failure = error instanceof TransientFailure ? error.details : undefined;
    this.#everReached ||= failure?.reached ?? true;
    const timeLeft = this.#timeLeft();
    if (timeLeft <= 0) {
      throw this.#giveUp(error, attempts);
    }
    this.statistics.retries += 1;
    if (failure?.rateLimited) {
      // The gate lets nobody through before the time has come.
      return;
    }
    const delay = retryDelay(attempts, failure?.retryAfter, this.#random);
    const milliseconds = Math.min(timeLeft, delay);
    this.#connection.onWait?.({ reason: error.message, milliseconds });
    const started = this.#clock.now();
    await this.#clock.sleep(milliseconds, this.#connection.signal);
    this.statistics.waited += this.#clock.now() - started;
  }

  /** A request that began before another one succeeded fails from that success on. */
  #failsSince(entered: number): void {
    this.#failingSince ??= Math.max(entered, this.#lastSuccess);
  }

  /** Until giving up, in milliseconds. */
  #timeLeft(): number {
    const now = this.#clock.now();
    return (this.#failingSince ?? now) + this.#giveUpAfter - now;
  }

  #giveUp(cause: Error, attempts: number): ServiceError {
    const name = this.#connection.name ?? new URL(this.#transport.origin).host;
    const tried = `${attempts} ${attempts === 1 ? "try" : "tries"}`;
    const lasted = formatDuration(this.#giveUpAfter);
    return this.#everReached
      ? new ServiceError(`${name} kept failing for ${lasted} (${tried}): ${cause.message}.`, {
          hint: "Try again later, or let --give-up-after allow more time.",
          cause,
        })
      : new ServiceError(
          `${name} could not be reached for ${lasted} (${tried}): ${cause.message}.`,
          {
            hint: "Check the network, the spelling of the host, and HTTPS_PROXY if a proxy is needed here.",
            cause,
          },
        );
  }
}

/** A key has letters and digits; this leaves out what a header cannot carry, and placeholders. */
export function isApiKey(key: unknown): boolean {
  return typeof key === "string" && /^[\w.~+/=-]+$/.test(key);
}

function isTransient(error: Error): boolean {
  return error instanceof TransientFailure || error instanceof MalformedAnswerError;
}
