import { UsageError } from "../errors.js";

/** Where a proxy is, and how to log in there. */
export interface ProxyAddress {
  /** Scheme, host and port. */
  readonly origin: string;
  /** Value of `Proxy-Authorization`, where there is a login. */
  readonly login: string | undefined;
}

const example = "For example: HTTPS_PROXY=http://proxy.example.com:8080";

/**
 * Reads the address of a proxy as curl does: `host:port` is an `http` one, and a percent sign that
 * encodes nothing stands for itself. What is wrong with it is said without showing it, since it may hold
 * a password.
 *
 * @throws UsageError where it is no address, or of a kind of proxy that cannot be used
 */
export function parseProxy(text: string): ProxyAddress {
  const written = text.trim();
  const [, scheme] = /^([a-z][a-z0-9+.-]*):\/\//i.exec(written) ?? [];
  if (scheme !== undefined && !/^https?$/i.test(scheme)) {
    throw new UsageError(
      `HTTPS_PROXY names a ${scheme.toLowerCase()} proxy; only http and https are known.`,
      {
        hint: example,
      },
    );
  }
  const address = scheme === undefined ? `http://${written}` : written;
  // A bare word is hardly meant: each program would take another port for it.
  const isBare = scheme === undefined && !/:\d+\/?$/.test(written);
  if (isBare || !URL.canParse(address)) {
    throw new UsageError("HTTPS_PROXY is not the address of a proxy.", {
      hint: `${example} In a user name or password, write %2F for /, %3F for ?, %23 for # and %40 for @.`,
    });
  }
  const { origin, pathname, search, hash, username, password } = new URL(address);
  if (pathname !== "/" || search || hash) {
    throw new UsageError("HTTPS_PROXY has something behind the host and the port.", {
      hint: `${example} In a user name or password, write %2F for /, %3F for ? and %23 for #.`,
    });
  }
  const credentials = Buffer.concat([decode(username), Buffer.from(":"), decode(password)]);
  return {
    origin,
    login: username || password ? `Basic ${credentials.toString("base64")}` : undefined,
  };
}

/** Bytes, since they need not be UTF-8. */
function decode(text: string): Buffer {
  const parts = text.match(/%[0-9a-f]{2}|[^%]+|%/gi) ?? [];
  return Buffer.concat(
    parts.map((part) =>
      part.length === 3 && part.startsWith("%")
        ? Buffer.from(part.slice(1), "hex")
        : Buffer.from(part),
    ),
  );
}
