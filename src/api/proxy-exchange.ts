import type { EnvHttpProxyAgent } from "undici";
import type { Exchange } from "./exchange.js";
import { fetchExchange } from "./fetch-exchange.js";
import type { ProxyAddress } from "./proxy-address.js";

/**
 * Requests through a proxy, by undici, which is loaded for nobody else: it takes as long to load as
 * the rest of the program.
 *
 * @param noProxy hosts that are reached without the proxy, separated by commas; `*` for all
 */
export function proxyExchange({ origin, login }: ProxyAddress, noProxy: string): Exchange {
  let agent: EnvHttpProxyAgent | undefined;
  const fetch = async (url: URL, init: object): Promise<unknown> => {
    const undici = await import("undici");
    agent ??= new undici.EnvHttpProxyAgent({
      // The silence of a request is measured where its body is read.
      headersTimeout: 0,
      bodyTimeout: 0,
      connect: { timeout: 0 },
      httpProxy: "",
      httpsProxy: origin,
      ...(login === undefined ? {} : { token: login }),
      noProxy,
    });
    return undici.fetch(url, { ...init, dispatcher: agent });
  };
  return fetchExchange(fetch as typeof globalThis.fetch, () => void agent?.destroy());
}
