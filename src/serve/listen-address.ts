import { isIP } from "node:net";
import { UsageError } from "../errors.js";

export interface ListenAddress {
  readonly host: string;
  /** 0 for a free one. */
  readonly port: number;
  /** Whether nobody but this machine can reach it. */
  readonly isLoopback: boolean;
}

const form = /^(?:\[([\da-f:.]+)\]|([^[\]:]+)):(\d{1,5})$/i;

/**
 * Reads an address to listen on, such as `127.0.0.1:8026` or `[::1]:8026`.
 *
 * @param name what the text belongs to, for the error
 */
export function parseListenAddress(text: string, name: string): ListenAddress {
  const [, v6, v4, digits = ""] = form.exec(text.trim()) ?? [];
  const host = v6 ?? v4 ?? "";
  const port = Number(digits);
  const isAddress = v6 !== undefined ? isIP(v6) === 6 : host === "localhost" || isIP(host) === 4;
  if (!isAddress || port > 65_535) {
    throw new UsageError(`${name}: "${text}" is not an address to listen on.`, {
      hint: "Write 127.0.0.1:8026, [::1]:8026, or 0.0.0.0:8026 for all addresses of this machine.",
    });
  }
  return {
    host,
    port,
    isLoopback: host === "localhost" || host === "::1" || host.startsWith("127."),
  };
}

/** As it stands in a URL. */
export function authorityOf(host: string, port: number): string {
  return isIP(host) === 6 ? `[${host}]:${port}` : `${host}:${port}`;
}
