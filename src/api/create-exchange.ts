import type { Exchange } from "./exchange.js";
import { fetchExchange } from "./fetch-exchange.js";
import { httpExchange } from "./http-exchange.js";
import { isLoopback } from "./origin.js";
import { parseProxy } from "./proxy-address.js";
import { proxyExchange } from "./proxy-exchange.js";

/** Proxy to go through, as in the usual environment variables of the same names. */
export interface ProxySettings {
  /** Such as `http://user:password@proxy.example.com:8080`, or `proxy.example.com:8080`. */
  readonly httpsProxy?: string | undefined;
  /** Hosts that are reached without the proxy, separated by commas; `*` for all. */
  readonly noProxy?: string | undefined;
}

/**
 * How requests to an origin go out. A loopback host is never asked for through a proxy: plain http
 * would show the key to it.
 *
 * @throws UsageError where the proxy has no valid address
 */
export function createExchange(
  origin: string,
  {
    fetch,
    proxy = {},
  }: {
    readonly fetch?: typeof globalThis.fetch | undefined;
    readonly proxy?: ProxySettings | undefined;
  },
): Exchange {
  const { httpsProxy, noProxy = "" } = proxy;
  const address = httpsProxy ? parseProxy(httpsProxy) : undefined;
  if (fetch) {
    return fetchExchange(fetch);
  }
  return address && !isLoopback(new URL(origin).hostname)
    ? proxyExchange(address, noProxy)
    : httpExchange();
}
