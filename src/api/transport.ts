import type { Dispatcher } from "undici";
import { ServiceError } from "../errors.js";
import type { PageBuffer } from "../page-buffer.js";
import {
  connectionError,
  isConnectionError,
  statusError,
  TransientFailure,
  wordsOf,
} from "./failure.js";
import { readRetryAfter } from "./retry-delay.js";

export interface Transport {
  /** Scheme, host and port; the only place that the key is sent to. */
  readonly origin: string;
  readonly apiKey: string;
  /** Longest silence of a request, in milliseconds. */
  readonly timeout: number;
  /** Longest duration of a request, however talkative, in milliseconds. */
  readonly longest: number;
  readonly userAgent: string;
  readonly dispatcher: Dispatcher;
  readonly fetch: typeof fetch;
  readonly now: () => number;
}

const mostRedirects = 5;

/** The largest pages are of about 15 MB. */
const mostReserved = 32 << 20;

/**
 * Sends one request, once.
 *
 * @param link path, or absolute URL on the same origin
 * @param buffer memory for the answer
 * @returns the whole body of a 2xx answer, in `buffer`
 * @throws TransientFailure where another try may help; another error where it will not
 */
export async function receive(
  transport: Transport,
  link: string,
  buffer: PageBuffer,
  signal?: AbortSignal,
): Promise<Uint8Array> {
  let url = resolveOnOrigin(link, transport.origin, "A next link");
  const silence = new SilenceGuard(transport, signal);
  try {
    for (let redirects = 0; redirects <= mostRedirects; redirects++) {
      const response = await request(transport, url, silence.signal);
      silence.heard();
      const location = response.headers.get("location");
      if (response.status >= 300 && response.status < 400 && location !== null) {
        await response.body?.cancel();
        url = resolveOnOrigin(location, transport.origin, "A redirect", url.href);
        continue;
      }
      const body = await readBody(response, buffer, silence);
      if (response.ok) {
        return body;
      }
      throw failureOf(response, body, url, transport);
    }
  } catch (error) {
    silence.signal.throwIfAborted();
    throw isConnectionError(error) ? connectionError(error, url.host) : error;
  } finally {
    silence.end();
  }
  throw new ServiceError(`${url.host} redirects in a circle.`);
}

/**
 * @throws ServiceError where the link leads to another scheme, host or port: the key stays here
 */
export function resolveOnOrigin(link: string, origin: string, what: string, base = origin): URL {
  if (!URL.canParse(link, base)) {
    throw new ServiceError(`${what} of ${origin} is no address.`);
  }
  const url = new URL(link, base);
  if (url.origin !== origin) {
    throw new ServiceError(
      `${what} of ${origin} leads to ${url.origin}; the API key is not sent there.`,
      { hint: "Check Host: it should be the API's own host, such as api.sparkpost.com." },
    );
  }
  return url;
}

function request(transport: Transport, url: URL, signal: AbortSignal): Promise<Response> {
  const init: object = {
    headers: {
      accept: "application/json",
      authorization: transport.apiKey,
      "user-agent": transport.userAgent,
    },
    redirect: "manual",
    signal,
    // Node's own types know only the dispatchers of the undici that Node bundles.
    dispatcher: transport.dispatcher,
  };
  return transport.fetch(url, init as RequestInit);
}

async function readBody(
  response: Response,
  buffer: PageBuffer,
  silence: SilenceGuard,
): Promise<Uint8Array> {
  // Compressed, the length says nothing; and it is for the body to prove how long it is.
  const announced = response.headers.has("content-encoding")
    ? 0
    : Number(response.headers.get("content-length"));
  buffer.clear(announced <= mostReserved ? announced : 0);
  if (response.body) {
    for await (const chunk of response.body) {
      silence.heard();
      buffer.append(chunk);
    }
  }
  return buffer.bytes();
}

function failureOf(
  response: Response,
  body: Uint8Array,
  url: URL,
  { apiKey, now }: Transport,
): Error {
  // A server that repeats the request in its error page would otherwise put the key on the screen.
  const words = wordsOf(new TextDecoder().decode(body)).replaceAll(apiKey, "[API key]");
  if (response.status === 429) {
    return new TransientFailure(`rate limit (429: ${words || "Too many requests"})`, {
      reached: true,
      rateLimited: true,
      retryAfter: readRetryAfter(response.headers, now()),
    });
  }
  const error = statusError(response.status, words, url.pathname, url.host);
  if (!(error instanceof TransientFailure)) {
    return error;
  }
  return new TransientFailure(error.message, {
    reached: true,
    retryAfter: readRetryAfter(response.headers, now()),
  });
}

/** Aborts a request that is silent or lasts for too long, or whose caller has aborted. */
class SilenceGuard {
  readonly #controller = new AbortController();
  readonly #timer: NodeJS.Timeout;
  readonly #end: NodeJS.Timeout;
  readonly #caller: AbortSignal | undefined;

  constructor({ timeout, longest }: Transport, caller: AbortSignal | undefined) {
    caller?.throwIfAborted();
    this.#timer = setTimeout(() => this.#fail(`no answer for ${timeout / 1_000} s`), timeout);
    this.#end = setTimeout(() => this.#fail(`no end after ${longest / 1_000} s`), longest);
    this.#caller = caller;
    caller?.addEventListener("abort", this.#pass, { once: true });
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  heard(): void {
    this.#timer.refresh();
  }

  end(): void {
    clearTimeout(this.#timer);
    clearTimeout(this.#end);
    this.#caller?.removeEventListener("abort", this.#pass);
  }

  #fail(reason: string): void {
    this.#controller.abort(new TransientFailure(reason, { reached: false }));
  }

  readonly #pass = (): void => {
    this.#controller.abort(this.#caller?.reason);
  };
}
