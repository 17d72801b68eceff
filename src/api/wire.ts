import { subscribe, unsubscribe } from "node:diagnostics_channel";
import type { ClientRequest, IncomingMessage } from "node:http";
import { TLSSocket } from "node:tls";

/** What was seen of the connections to a host, and of its latest answer. */
export interface WireFacts {
  /** Hosts, with ports, that a connection was opened to or tried; the proxy's, where it is used. */
  readonly contacted: ReadonlySet<string>;
  readonly tls?: {
    /** Such as `TLSv1.3`. */
    readonly protocol: string;
    /** The last day of the certificate, in epoch milliseconds. */
    readonly validUntil: number;
  };
  readonly answer?: {
    /** HTTP status. */
    readonly status: number;
    /** When it arrived, in epoch milliseconds. */
    readonly arrived: number;
    /** The server's clock (RFC 9110, `Date`), in epoch milliseconds, to the second. */
    readonly date: number | undefined;
  };
}

interface ConnectMessage {
  readonly connectParams: { readonly host: string; readonly servername: string | null };
  readonly socket?: unknown;
}

interface HeadersMessage {
  readonly request: { readonly origin: string | URL };
  readonly response: { readonly statusCode: number; readonly headers: readonly Uint8Array[] };
}

interface ResponseMessage {
  readonly request: ClientRequest;
  readonly response: IncomingMessage;
}

/**
 * Watches the connections that this process opens while a task runs: Node's own, and undici's where
 * there is a proxy. So the facts are about the very connections that carry the requests, and no
 * other is opened for them.
 *
 * Source: Node.js documentation, "Diagnostics Channel", HTTP; undici documentation, "Diagnostics
 * Channel Support".
 */
export async function watchWire<Result>(
  origin: string,
  now: () => number,
  task: () => Promise<Result>,
): Promise<{ result: Result; facts: WireFacts }> {
  const contacted = new Set<string>();
  const facts: { -readonly [Name in keyof WireFacts]: WireFacts[Name] } = { contacted };
  const { host } = new URL(origin);
  const sawTls = (socket: TLSSocket) => {
    facts.tls = {
      protocol: socket.getProtocol() ?? "TLS",
      validUntil: Date.parse(socket.getPeerCertificate().valid_to),
    };
  };
  const sawAnswer = (status: number, dateHeader: string | undefined) => {
    const date = Date.parse(dateHeader ?? "");
    facts.answer = { status, arrived: now(), date: Number.isNaN(date) ? undefined : date };
  };
  const listeners: [string, (message: never) => void][] = [
    [
      "undici:client:connected",
      ({ connectParams, socket }: ConnectMessage) => {
        contacted.add(connectParams.host);
        if (connectParams.host === host && socket instanceof TLSSocket) {
          sawTls(socket);
        }
      },
    ],
    [
      "undici:client:connectError",
      ({ connectParams }: ConnectMessage) => void contacted.add(connectParams.host),
    ],
    [
      "undici:request:headers",
      ({ request, response: { statusCode, headers } }: HeadersMessage) => {
        // A proxy answers too, to be told whom to call.
        if (new URL(request.origin).host === host) {
          sawAnswer(statusCode, headerOf(headers, "date"));
        }
      },
    ],
    [
      "http.client.response.finish",
      ({ request, response }: ResponseMessage) => {
        if (request.getHeader("host") !== host) {
          return;
        }
        contacted.add(host);
        if (request.socket instanceof TLSSocket) {
          sawTls(request.socket);
        }
        sawAnswer(response.statusCode ?? 0, response.headers.date);
      },
    ],
  ];
  const subscriptions = listeners.map(
    ([channel, listener]) => [channel, (message: unknown) => listener(message as never)] as const,
  );
  for (const [channel, listener] of subscriptions) {
    subscribe(channel, listener);
  }
  try {
    return { result: await task(), facts };
  } finally {
    for (const [channel, listener] of subscriptions) {
      unsubscribe(channel, listener);
    }
  }
}

/** Headers arrive as names and values in turn. */
function headerOf(headers: readonly Uint8Array[], wanted: string): string | undefined {
  const texts = headers.map((text) => Buffer.from(text).toString("latin1"));
  const index = texts.findIndex((text, i) => i % 2 === 0 && text.toLowerCase() === wanted);
  return index === -1 ? undefined : texts[index + 1];
}
