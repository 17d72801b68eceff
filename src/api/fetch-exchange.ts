import { type Exchange, expectedSize, NetworkFailure } from "./exchange.js";

/** Requests through a `fetch` that is passed in. */
export function fetchExchange(fetch: typeof globalThis.fetch, close = () => {}): Exchange {
  return {
    async send({ url, headers, signal }, bodyOf) {
      let answered = false;
      try {
        const response = await fetch(url, { headers, signal, redirect: "manual" });
        answered = true;
        const header = (name: string) => response.headers.get(name) ?? undefined;
        const head = { status: response.status, header };
        const body = bodyOf(head);
        body.begin(expectedSize(header));
        for await (const chunk of response.body ?? []) {
          body.write(chunk);
        }
        return head;
      } catch (error) {
        signal.throwIfAborted();
        throw isNetworkFailure(error) ? new NetworkFailure(error, answered) : error;
      }
    },
    close,
  };
}

/**
 * fetch wraps what the network did into a TypeError with a cause, and some of it comes with the
 * system's own code. Anything else is a mistake in a program.
 */
function isNetworkFailure(error: unknown): boolean {
  if (error instanceof TypeError) {
    return error.cause !== undefined;
  }
  const code = error instanceof Error ? (error as NodeJS.ErrnoException).code : undefined;
  return typeof code === "string" && !code.startsWith("ERR_");
}
