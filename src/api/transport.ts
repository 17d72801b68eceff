import { AnswerTooLargeError, ServiceError } from "../errors.js";
import { PageBuffer } from "../page-buffer.js";
import { formatSize } from "../size.js";
import { connectionError } from "./connection-error.js";
import {
  type BodySink,
  type Exchange,
  type Head,
  NetworkFailure,
  type Request,
} from "./exchange.js";
import { readRetryAfter } from "./retry-delay.js";
import { statusError, wordsOf } from "./status-error.js";
import { TransientFailure } from "./transient-failure.js";
import { holdsKey, withoutKey } from "./without-key.js";

export interface Transport {
  /** Scheme, host and port; the only place that the key is sent to. */
  readonly origin: string;
  /** What it is called in messages, in the place of its host. */
  readonly name: string | undefined;
  readonly apiKey: string;
  /** Longest silence of a request, in milliseconds. */
  readonly timeout: number;
  /** Longest duration of a request, however talkative, in milliseconds. */
  readonly longest: number;
  /** Largest body that is received, unpacked, in bytes. */
  readonly maxBody: number;
  readonly userAgent: string;
  readonly exchange: Exchange;
  readonly now: () => number;
}

const mostRedirects = 5;

/** What a server has to say about a failure is at the beginning. */
const mostWords = 64 * 1024;

export interface Received {
  /** Size of the body, unpacked. */
  readonly bytes: number;
  /** Where it came from, after redirects. */
  readonly url: URL;
}

/**
 * Sends one request, once.
 *
 * @param link path, or absolute URL on the same origin
 * @param body takes the body of a 2xx answer
 * @throws TransientFailure where another try may help; another error where it will not
 */
export async function receive(
  transport: Transport,
  link: string,
  body: BodySink,
  signal?: AbortSignal,
): Promise<Received> {
  let url = resolveOnOrigin(link, transport, "A next link");
  const silence = new SilenceGuard(transport, signal);
  try {
    for (let redirects = 0; redirects <= mostRedirects; redirects++) {
      const words = new Words();
      const attended = new AttendedBody(
        body,
        silence,
        transport.maxBody,
        transport.name ?? url.host,
      );
      const request = { url, headers: headersOf(transport), signal: silence.signal };
      const head = await words.heard(transport.exchange, request, ({ status }) =>
        isSuccess(status) ? attended : words,
      );
      const location = head.header("location");
      if (isSuccess(head.status)) {
        return { bytes: attended.bytes, url };
      }
      if (head.status < 300 || head.status >= 400 || location === undefined) {
        throw failureOf(head, words.bytes(), url, transport);
      }
      url = followLink(location, url, transport, "A redirect");
    }
  } catch (error) {
    silence.signal.throwIfAborted();
    throw error instanceof NetworkFailure
      ? connectionError(error, url.host, (text) => withoutKey(text, transport.apiKey))
      : error;
  } finally {
    silence.end();
  }
  throw new ServiceError(`${url.host} redirects in a circle.`);
}

function isSuccess(status: number): boolean {
  return status >= 200 && status < 300;
}

/** Notices and counts what arrives. */
class AttendedBody implements BodySink {
  bytes = 0;
  readonly #body: BodySink;
  readonly #silence: SilenceGuard;
  readonly #most: number;
  readonly #name: string;

  constructor(body: BodySink, silence: SilenceGuard, most: number, name: string) {
    this.#body = body;
    this.#silence = silence;
    this.#most = most;
    this.#name = name;
  }

  begin(expected: number): void {
    this.#silence.heard();
    this.#refuse(expected);
    this.#body.begin(expected);
  }

  write(chunk: Uint8Array): void {
    this.#silence.heard();
    this.bytes += chunk.length;
    this.#refuse(this.bytes);
    this.#body.write(chunk);
  }

  #refuse(bytes: number): void {
    if (bytes > this.#most) {
      throw new AnswerTooLargeError(
        `An answer of ${this.#name} is larger than ${formatSize(this.#most)} (unpacked).`,
        {
          hint: `Ask for fewer events at once with --per-page, or let --max-body allow more: --max-body ${formatSize(this.#most * 2)}`,
        },
      );
    }
  }
}

/** The beginning of a body that says what went wrong. */
class Words implements BodySink {
  readonly #kept = new PageBuffer();
  #head: Head | undefined;
  #enough = false;

  /** As `Exchange.send`, which ends when enough was said: an error may go on for ever. */
  async heard(
    exchange: Exchange,
    request: Request,
    bodyOf: (head: Head) => BodySink,
  ): Promise<Head> {
    try {
      return await exchange.send(request, (head) => {
        this.#head = head;
        return bodyOf(head);
      });
    } catch (error) {
      if (this.#enough && this.#head) {
        return this.#head;
      }
      throw error;
    }
  }

  begin(): void {
    this.#kept.begin();
  }

  write(chunk: Uint8Array): void {
    this.#kept.write(chunk.subarray(0, mostWords - this.#kept.bytes().length));
    if (this.#kept.bytes().length === mostWords) {
      this.#enough = true;
      throw new Error("enough was said");
    }
  }

  bytes(): Uint8Array {
    return this.#kept.bytes();
  }
}

/**
 * Where a link of a server leads, which is not trusted with the key.
 *
 * @param base of the answer that has the link (RFC 3986, 5.1)
 * @throws ServiceError where the link holds the key, which would show up wherever links are kept, or
 *   leads to another scheme, host or port
 */
export function followLink(
  link: string,
  base: URL,
  transport: Pick<Transport, "origin" | "apiKey">,
  what: string,
): URL {
  if (holdsKey(link, transport.apiKey)) {
    throw new ServiceError(
      `${what} of ${transport.origin} holds the API key; it is not followed.`,
      {
        hint: "Check Host: it should be the API's own host, such as api.sparkpost.com.",
      },
    );
  }
  return resolveOnOrigin(link, transport, what, base.href);
}

function resolveOnOrigin(
  link: string,
  { origin, apiKey }: Pick<Transport, "origin" | "apiKey">,
  what: string,
  base = origin,
): URL {
  if (!URL.canParse(link, base)) {
    throw new ServiceError(`${what} of ${origin} is no address.`);
  }
  const url = new URL(link, base);
  if (url.origin !== origin) {
    throw new ServiceError(
      `${what} of ${origin} leads to ${withoutKey(url.origin, apiKey)}; the API key is not sent there.`,
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
  { apiKey, name, now }: Transport,
): Error {
  // A server that repeats the request in its error page would otherwise put the key on the screen.
  const words = wordsOf(new TextDecoder().decode(body), (text) => withoutKey(text, apiKey));
  if (status === 429) {
    return new TransientFailure(`rate limit (429: ${words || "Too many requests"})`, {
      reached: true,
      rateLimited: true,
      retryAfter: readRetryAfter(header, now()),
    });
  }
  const error = statusError(status, words, url.pathname, { host: url.host, name });
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
