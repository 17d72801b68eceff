/**
 * Turns whatever is not a page of events into an error that says what happened and whether another
 * try may help.
 *
 * Source: SparkPost API documentation, "Errors" and "Rate limiting": error bodies are
 * `{"errors": [{"message", "code", "description"}]}`, where only `message` is certain; proxies
 * answer with HTML or nothing.
 */

import { KeyRefusedError, RejectedRequestError, ServiceError } from "../errors.js";
import type { NetworkFailure } from "./exchange.js";

/** A failure that may pass: the same request can be sent again unchanged. */
export class TransientFailure extends Error {
  override name = "TransientFailure";

  constructor(
    /** Why, in a few words that fit into a sentence. */
    message: string,
    readonly details: {
      /** Whether the request was refused because there were too many (429). */
      readonly rateLimited?: boolean | undefined;
      /** What the server asked to wait, in milliseconds. */
      readonly retryAfter?: number | undefined;
      /** Whether the server answered at all. */
      readonly reached: boolean;
      readonly cause?: unknown;
    },
  ) {
    super(message, { cause: details.cause });
  }
}

/**
 * The error for an answer whose status is neither 2xx nor 3xx.
 *
 * @param words what the server said, fit for a message
 */
export function statusError(status: number, words: string, path: string, host: string): Error {
  const said = words ? `: ${words.replace(/\.$/, "")}` : "";
  switch (status) {
    case 401:
      return new KeyRefusedError(`${host} refused the API key (401${said}).`, status, {
        hint: `${keyHint(host)} Check that the key is complete and has not been deleted.`,
      });
    case 403:
      return new KeyRefusedError(
        `${host} does not allow this API key to search events (403${said}).`,
        status,
        { hint: `The key needs the grant "Events Search: Read-only". ${keyHint(host)}` },
      );
    case 404:
      return new RejectedRequestError(`${host} has no event search here (404${said}).`, status, {
        hint: path.startsWith("/api/v1/message-events")
          ? "SparkPost's public cloud switched the legacy Message Events API off on 1 October 2019; only on-premises and old Enterprise hosts may still have it. Leave out --api message-events."
          : "Check the host: api.sparkpost.com (US), api.eu.sparkpost.com (EU), or the host of your Enterprise account.",
      });
    case 414:
      return new RejectedRequestError(
        `The list of filter values is too long (414${said}).`,
        status,
        {
          hint: "SparkPost takes at most 4,096 characters a request: ask for fewer values at once.",
        },
      );
    case 408:
    case 425:
      return new TransientFailure(`status ${status}${said}`, { reached: true });
    default:
      // Below 200, or without a meaning: not what SparkPost has to say.
      return status >= 500 || status < 200
        ? new TransientFailure(`status ${status}${said}`, { reached: true })
        : new RejectedRequestError(`${host} rejected the request (${status}${said}).`, status);
  }
}

function keyHint(host: string): string {
  const region = host.startsWith("api.eu.") ? "EU" : "US";
  const other = region === "EU" ? "api.sparkpost.com" : "api.eu.sparkpost.com";
  return `The host asked was ${host}. US and EU accounts have different keys and share no data: for ${region === "EU" ? "a US" : "an EU"} key, set Host = ${other}.`;
}

/** A page of a proxy says what it has to say at its beginning. */
const longestBody = 10_000;

/**
 * The server's own words, on one line and free of control characters.
 *
 * @param hide takes out what must not be shown, before anything is cut
 */
export function wordsOf(body: string, hide: (text: string) => string): string {
  return cut(oneLine(hide(errorMessages(body) ?? textOfHtml(body.slice(0, longestBody)))));
}

function textOfHtml(html: string): string {
  return html.replace(/<(style|script|head)\b[\s\S]*?<\/\1>/gi, " ").replace(/<[^<>]*>/g, " ");
}

function errorMessages(body: string): string | undefined {
  try {
    const { errors } = JSON.parse(body) as { errors?: unknown };
    if (!Array.isArray(errors)) {
      return undefined;
    }
    return errors
      .map(({ message, description }) => [message, description].filter(Boolean).join(": "))
      .join("; ");
  } catch {
    return undefined;
  }
}

function oneLine(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}\s]+/gu, " ").trim();
}

function cut(line: string): string {
  return line.length > 300 ? `${line.slice(0, 300)}…` : line;
}

const connectionFailures: Record<string, string> = {
  ECONNREFUSED: "the connection was refused",
  ECONNRESET: "the connection was reset",
  EAI_AGAIN: "the name could not be looked up",
  EHOSTUNREACH: "the host cannot be reached",
  ENETUNREACH: "the network cannot be reached",
  ENOTFOUND: "the name is not known",
  EPIPE: "the connection was closed",
  ETIMEDOUT: "the connection timed out",
  UND_ERR_CONNECT_TIMEOUT: "the connection timed out",
  UND_ERR_SOCKET: "the connection was closed",
  UND_ERR_RES_CONTENT_LENGTH_MISMATCH: "the answer was cut short",
};

/**
 * The error for a request that got no answer, or not all of it.
 *
 * @param hide takes out what must not be shown: certificates, for example, hold what a server likes
 */
export function connectionError(
  { cause: error, answered }: NetworkFailure,
  host: string,
  hide: (text: string) => string,
): Error {
  const cause = rootCause(error);
  const code = (cause as { code?: unknown }).code;
  if (/wrong version number|packet length too long|ERR_SSL/.test(`${code} ${cause.message}`)) {
    return new ServiceError(`${host} does not speak https.`, {
      hint: `If it is on this machine and speaks plain http, write http://${host}.`,
      cause: error,
    });
  }
  if (typeof code === "string" && isCertificateCode(code)) {
    return new ServiceError(
      `The TLS certificate of ${host} cannot be trusted: ${cut(oneLine(hide(cause.message)))}.`,
      {
        hint: "Where a company proxy inspects TLS, let NODE_EXTRA_CA_CERTS name the file with its certificate.",
        cause: error,
      },
    );
  }
  if (/^Proxy response \(407\)/.test(cause.message)) {
    return new ServiceError("The proxy asks for a login (407).", {
      hint: "Put it into HTTPS_PROXY: http://user:password@proxy:port",
      cause: error,
    });
  }
  const unreadable = describeUnreadable(String(code), cause.message, answered);
  const reason = unreadable ?? connectionFailures[String(code)] ?? describeOther(cause.message);
  return new TransientFailure(cut(oneLine(hide(reason))), {
    reached: unreadable !== undefined,
    cause: error,
  });
}

/** What is wrong with an answer that did arrive, in part at least. */
function describeUnreadable(code: string, message: string, answered: boolean): string | undefined {
  if (/^(HPE|UND_ERR)_HEADERS?_OVERFLOW$/.test(code)) {
    return "the answer's head is too large";
  }
  if (code.startsWith("HPE_")) {
    return `the answer is not HTTP (${message.replace(/^(Response does not.*?: |Parse Error: )/, "")})`;
  }
  // The codes of zlib and of Brotli.
  if (/^(Z_|ERR_*(BROTLI|PADDING|ERROR)_)/.test(code)) {
    return `the answer cannot be unpacked (${message})`;
  }
  return answered ? "the answer was cut short" : undefined;
}

function describeOther(message: string): string {
  const [, status] = /^Proxy response \((\d+)\)/.exec(message) ?? [];
  return status === undefined ? message : `the proxy answered with ${status}`;
}

function isCertificateCode(code: string): boolean {
  return /CERT|SELF_SIGNED|UNABLE_TO_VERIFY_LEAF_SIGNATURE|ERR_TLS_/.test(code);
}

/** fetch and Happy Eyeballs wrap what happened, at times more than once. */
function rootCause(error: unknown): Error {
  let cause = error instanceof Error ? error : new Error(String(error));
  for (;;) {
    const inner: unknown =
      cause instanceof AggregateError && !(cause.cause instanceof Error)
        ? cause.errors[0]
        : cause.cause;
    if (!(inner instanceof Error)) {
      return cause;
    }
    cause = inner;
  }
}
