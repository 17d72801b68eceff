import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { onTestFinished } from "vitest";
import { hasNoDescription } from "./no-description.js";

export type Reply = (request: IncomingMessage, response: ServerResponse) => void;

export interface ScriptedServer {
  readonly origin: string;
  /** Paths with queries, in the order they were asked for. */
  readonly requests: string[];
  readonly keys: (string | undefined)[];
  readonly close: () => void;
}

/** A server that gives its replies one after the other, and the last one from then on. */
export async function startScriptedServer(replies: readonly Reply[]): Promise<ScriptedServer> {
  const requests: string[] = [];
  const keys: (string | undefined)[] = [];
  const server = createServer((request, response) => {
    if (hasNoDescription(request, response)) {
      return;
    }
    const reply = replies[Math.min(requests.length, replies.length - 1)];
    requests.push(request.url ?? "");
    keys.push(request.headers.authorization);
    reply?.(request, response);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const close = () => {
    server.closeAllConnections();
    server.close();
  };
  onTestFinished(close);
  return {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    keys,
    close,
  };
}

export function page(
  results: readonly object[],
  { totalCount = results.length, next }: { totalCount?: number; next?: string } = {},
): Reply {
  return json(200, { results, total_count: totalCount, links: next ? { next } : {} });
}

export function json(
  status: number,
  body: unknown,
  headers: Readonly<Record<string, string>> = {},
): Reply {
  return text(status, JSON.stringify(body), { "content-type": "application/json", ...headers });
}

export function text(
  status: number,
  body: string,
  headers: Readonly<Record<string, string>> = {},
): Reply {
  return (_request, response) => {
    response.writeHead(status, headers);
    response.end(body);
  };
}

/** Never answers. */
export const silence: Reply = () => {};

/** Announces more than it sends, then hangs up. */
export function cut(body: string): Reply {
  return (_request, response) => {
    response.writeHead(200, { "content-length": String(body.length + 100) });
    response.write(body, () => response.destroy());
  };
}

export const reset: Reply = (request) => {
  request.socket.resetAndDestroy();
};
