import type { ServerResponse } from "node:http";

/** Aborts when an answer is sent, or its connection is gone. */
export function endOf(response: ServerResponse): AbortSignal {
  const end = new AbortController();
  response.once("close", () => end.abort());
  return end.signal;
}

/** Does something when a signal aborts, or now where it has. */
export function whenAborted(signal: AbortSignal, action: () => void): void {
  if (signal.aborted) {
    action();
  } else {
    signal.addEventListener("abort", action, { once: true });
  }
}

/** Resolves when a signal has aborted. */
export function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => whenAborted(signal, resolve));
}
