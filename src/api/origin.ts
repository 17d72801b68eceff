import { isIPv4 } from "node:net";
import { UsageError } from "../errors.js";

export const defaultHost = "api.sparkpost.com";
const europeanHost = "api.eu.sparkpost.com";

/** Whether an origin is SparkPost's own, and not a host of a customer's own. */
export function isSparkPost(origin: string): boolean {
  return [defaultHost, europeanHost].includes(new URL(origin).hostname);
}

/**
 * The origin that requests, and with them the API key, go to.
 *
 * @param host a name, `name:port`, or an origin with its scheme
 * @param name what the value is called in an error, such as `--host`
 * @returns scheme, host and port, without a trailing slash
 * @throws UsageError where the text is no host, or plain http would carry the key over a network
 */
export function parseHost(host: string, name = "Host"): string {
  const example = `For example: ${defaultHost}, ${europeanHost}, or http://127.0.0.1:8025`;
  const text = host.trim();
  const region = /^(us|eu)$/i.exec(text)?.[0].toLowerCase();
  if (region) {
    throw new UsageError(`${name}: "${text}" is a region, not a host.`, {
      hint: `Write ${region === "eu" ? europeanHost : defaultHost}.`,
    });
  }
  const withScheme = /^[a-z][a-z0-9+.-]*:\/\//i.test(text) ? text : `https://${text}`;
  if (!URL.canParse(withScheme)) {
    throw new UsageError(`${name}: "${text}" is not a host.`, { hint: example });
  }
  const url = new URL(withScheme);
  if (url.protocol !== "https:" && url.protocol !== "http:") {
    throw new UsageError(`${name}: "${text}" does not start with https://.`, { hint: example });
  }
  if (url.username || url.password) {
    throw new UsageError(`${name}: a host cannot hold a user name or a password.`, {
      hint: "The API key belongs under Authorization in the ini file, or in SPARKPOST_API_KEY.",
    });
  }
  if (url.pathname !== "/" || url.search || url.hash) {
    throw new UsageError(`${name}: "${text}" has a path; only the host is wanted.`, {
      hint: `Write ${url.host} instead.`,
    });
  }
  if (url.protocol === "http:" && !isLoopback(url.hostname)) {
    throw new UsageError(`${name}: "${text}" would send the API key unencrypted.`, {
      hint: `Write ${url.host} or https://${url.host} instead. Plain http is for this machine only, such as http://127.0.0.1:8025.`,
    });
  }
  return url.origin;
}

/** @param hostname as in `URL.hostname`, so IPv6 addresses stand in brackets */
export function isLoopback(hostname: string): boolean {
  return (
    hostname === "localhost" ||
    hostname === "[::1]" ||
    (isIPv4(hostname) && hostname.startsWith("127."))
  );
}
