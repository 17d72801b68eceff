import { UsageError } from "../errors.js";
import type { Exchange } from "./exchange.js";
import { fetchExchange } from "./fetch-exchange.js";
import { httpExchange } from "./http-exchange.js";
import { isLoopback } from "./origin.js";
import { proxyExchange } from "./proxy-exchange.js";

/** Proxy to go through, as in the usual environment variables of the same names. */
export interface ProxySettings {
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
  if (httpsProxy && !URL.canParse(httpsProxy)) {
    throw new UsageError("HTTPS_PROXY is not the address of a proxy.", {
      hint: "For example: HTTPS_PROXY=http://proxy.example.com:8080",
    });
  }
  if (fetch) {
    return fetchExchange(fetch);
  }
  return httpsProxy && !isLoopback(new URL(origin).hostname)
    ? proxyExchange(httpsProxy, noProxy)
    : httpExchange();
}
