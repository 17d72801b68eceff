import { clearFor, type Exchange, NetworkFailure } from "./exchange.js";

/** Requests through a `fetch` that is passed in. */
export function fetchExchange(fetch: typeof globalThis.fetch, close = () => {}): Exchange {
  return {
    async send({ url, headers, signal }, body, heard) {
      try {
        const response = await fetch(url, { headers, signal, redirect: "manual" });
        heard();
        const header = (name: string) => response.headers.get(name) ?? undefined;
        clearFor(header, body);
        for await (const chunk of response.body ?? []) {
          heard();
          body.append(chunk);
        }
        return { status: response.status, header };
      } catch (error) {
        signal.throwIfAborted();
        throw isNetworkFailure(error) ? new NetworkFailure(error) : error;
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
