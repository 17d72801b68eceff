/**
 * Turns a failure of the network into an error that says what happened and whether another try may
 * help. What no try helps against is a ServiceError, which has exit code 4; so is what client.ts gives
 * up after trying again.
 */

import { ServiceError } from "../errors.js";
import type { NetworkFailure } from "./exchange.js";
import { cutLine, oneLine } from "./one-line.js";
import { TransientFailure } from "./transient-failure.js";

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
      `The TLS certificate of ${host} cannot be trusted: ${cutLine(oneLine(hide(cause.message)))}.`,
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
  return new TransientFailure(cutLine(oneLine(hide(reason))), {
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
