import { createExchange } from "../../../api/create-exchange.js";
import type { BodySink, Exchange } from "../../../api/exchange.js";
import { packageVersion } from "../../../package-version.js";
import type { Edges } from "../../process/edges.js";
import { proxyOf } from "../../settings/session.js";

const timeout = 10_000;

/** What an address answers beyond its status does not matter. */
const ignored: BodySink = { begin() {}, write() {} };

/**
 * Asks for the address that a dead-man's switch or the like waits for, a second time where that fails.
 * The API key has no part in it.
 *
 * @returns why it failed, as half a sentence without the address, which may hold a secret
 */
export async function ping(url: URL, edges: Edges): Promise<string | undefined> {
  const headers = { "user-agent": `sparky-events/${packageVersion()}` };
  const attempt = async (): Promise<string | undefined> => {
    const signal = AbortSignal.timeout(timeout);
    let exchange: Exchange | undefined;
    try {
      exchange = createExchange(url.origin, { proxy: proxyOf(edges) });
      const { status } = await exchange.send({ url, headers, signal }, () => ignored);
      return status >= 200 && status < 300 ? undefined : `it answered with ${status}`;
    } catch {
      return signal.aborted ? "it did not answer within 10 s" : "it could not be reached";
    } finally {
      exchange?.close();
    }
  };
  const failure = await attempt();
  // Whoever has asked the run to stop is waiting for it.
  return failure === undefined || edges.signal.aborted ? failure : await attempt();
}
