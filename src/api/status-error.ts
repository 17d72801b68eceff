/**
 * Turns an answer that is not a page of events into an error that says what happened and whether
 * another try may help; that decides the exit code of the command.
 *
 * Source: SparkPost API documentation, "Errors" and "Rate limiting": error bodies are
 * `{"errors": [{"message", "code", "description"}]}`, where only `message` is certain; proxies
 * answer with HTML or nothing.
 */

import { KeyRefusedError, RejectedRequestError } from "../errors.js";
import { cutLine, oneLine } from "./one-line.js";
import { TransientFailure } from "./transient-failure.js";

/**
 * The error for an answer whose status is neither 2xx nor 3xx.
 *
 * @param words what the server said, fit for a message
 * @param asked its name is that of what is not SparkPost
 */
export function statusError(
  status: number,
  words: string,
  path: string,
  asked: { readonly host: string; readonly name: string | undefined },
): Error {
  const host = asked.name ?? asked.host;
  const keyHint = asked.name === undefined ? regionHint(asked.host) : ownHint;
  const said = words ? `: ${words.replace(/\.$/, "")}` : "";
  switch (status) {
    case 401:
      return new KeyRefusedError(`${host} refused the API key (401${said}).`, status, {
        hint: `${keyHint} Check that the key is complete and has not been deleted.`,
      });
    case 403:
      return new KeyRefusedError(
        `${host} does not allow this API key to search events (403${said}).`,
        status,
        {
          hint:
            asked.name === undefined
              ? `The key needs the grant "Events Search: Read-only". ${keyHint}`
              : "The key needs a role that may search. On the machine of the server, sparky-events access list shows the keys.",
        },
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

const ownHint = "On the machine of the server, sparky-events access list shows the keys.";

function regionHint(host: string): string {
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
  return cutLine(oneLine(hide(errorMessages(body) ?? textOfHtml(body.slice(0, longestBody)))));
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
