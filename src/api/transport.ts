import { ServiceError } from "../errors.js";
import { PageBuffer } from "../page-buffer.js";
import { type BodySink, type Exchange, type Head, NetworkFailure } from "./exchange.js";
import { connectionError, statusError, TransientFailure, wordsOf } from "./failure.js";
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
  readonly exchange: Exchange;
  readonly now: () => number;
}

const mostRedirects = 5;

/**
 * Sends one request, once.
 *
 * @param link path, or absolute URL on the same origin
 * @param body takes the body of a 2xx answer
 * @returns size of that body, in bytes
 * @throws TransientFailure where another try may help; another error where it will not
 */
export async function receive(
  transport: Transport,
  link: string,
  body: BodySink,
  signal?: AbortSignal,
): Promise<number> {
  let url = resolveOnOrigin(link, transport.origin, "A next link");
  const silence = new SilenceGuard(transport, signal);
  try {
    for (let redirects = 0; redirects <= mostRedirects; redirects++) {
      const words = new PageBuffer();
      const size = { bytes: 0 };
      const head = await transport.exchange.send(
        { url, headers: headersOf(transport), signal: silence.signal },
        ({ status }) => attended(isSuccess(status) ? body : words, silence, size),
      );
      const location = head.header("location");
      if (isSuccess(head.status)) {
        return size.bytes;
      }
      if (head.status >= 400 || location === undefined) {
        throw failureOf(head, words.bytes(), url, transport);
      }
      url = resolveOnOrigin(location, transport.origin, "A redirect", url.href);
    }
  } catch (error) {
    silence.signal.throwIfAborted();
    throw error instanceof NetworkFailure ? connectionError(error.cause, url.host) : error;
  } finally {
    silence.end();
  }
  throw new ServiceError(`${url.host} redirects in a circle.`);
}

function isSuccess(status: number): boolean {
  return status >= 200 && status < 300;
}

/** Notices and counts what arrives. */
function attended(body: BodySink, silence: SilenceGuard, size: { bytes: number }): BodySink {
  return {
    begin(expected) {
      silence.heard();
      return body.begin(expected);
    },
    write(chunk) {
      silence.heard();
      size.bytes += chunk.length;
      body.write(chunk);
    },
  };
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

function headersOf({ apiKey, userAgent }: Transport): Record<string, string> {
  return { accept: "application/json", authorization: apiKey, "user-agent": userAgent };
}

function failureOf(
  { status, header }: Head,
  body: Uint8Array,
  url: URL,
  { apiKey, now }: Transport,
): Error {
  // A server that repeats the request in its error page would otherwise put the key on the screen.
  const words = wordsOf(new TextDecoder().decode(body)).replaceAll(apiKey, "[API key]");
  if (status === 429) {
    return new TransientFailure(`rate limit (429: ${words || "Too many requests"})`, {
      reached: true,
      rateLimited: true,
      retryAfter: readRetryAfter(header, now()),
    });
  }
  const error = statusError(status, words, url.pathname, url.host);
  if (!(error instanceof TransientFailure)) {
    return error;
  }
  return new TransientFailure(error.message, {
    reached: true,
    retryAfter: readRetryAfter(header, now()),
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
