import type { Header } from "./exchange.js";

/**
 * How long to wait before a request is sent again.
 *
 * Source: SparkPost asks for 1 to 5 seconds after a 429 and for growing back-off under heavier use.
 */

const shortestDelay = 1_000;
const longestDelay = 60_000;

/**
 * What `Retry-After` asks for, in milliseconds.
 *
 * A date is compared with the answer's own `Date`, because the clock of this machine may be wrong.
 *
 * @returns undefined where the header is absent or makes no sense
 */
export function readRetryAfter(header: Header, now: number): number | undefined {
  const retryAfter = header("retry-after")?.trim();
  if (!retryAfter) {
    return undefined;
  }
  if (/^\d+(\.\d+)?$/.test(retryAfter)) {
    return Number(retryAfter) * 1_000;
  }
  const until = Date.parse(retryAfter);
  const sent = Date.parse(header("date") ?? "");
  const milliseconds = until - (Number.isNaN(sent) ? now : sent);
  return Number.isNaN(milliseconds) ? undefined : Math.max(0, milliseconds);
}

/**
 * @param attempt number of the attempt that failed, from 1
 * @param retryAfter what the server asked for, in milliseconds; obeyed without jitter
 * @param random from 0 to 1
 * @returns milliseconds
 */
export function retryDelay(
  attempt: number,
  retryAfter: number | undefined,
  random: () => number,
): number {
  if (retryAfter !== undefined) {
    return Math.max(shortestDelay, retryAfter);
  }
  const growing = shortestDelay * 2 ** Math.min(attempt - 1, 10);
  return Math.min(longestDelay, growing * (1 + random() / 2));
}
