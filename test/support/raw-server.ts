import { once } from "node:events";
import { type AddressInfo, createServer, type Socket } from "node:net";
import { onTestFinished } from "vitest";
import { descriptionPath } from "../../src/api/host-coverage.js";

/** Bytes to send, or whatever else is to be done with the connection. */
export type RawReply = string | Buffer | ((socket: Socket) => void);

export interface RawServer {
  /** `127.0.0.1:port` */
  readonly host: string;
  /** Requests, each up to the end of its head. */
  readonly requests: string[];
}

/**
 * A server that answers whatever it likes, HTTP or not: its replies one after the other, and the last
 * one from then on. It ends the connection after each reply that is bytes.
 */
export async function startRawServer(replies: readonly RawReply[]): Promise<RawServer> {
  const requests: string[] = [];
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on("error", () => {}).on("close", () => sockets.delete(socket));
    let head = "";
    socket.on("data", (chunk) => {
      head += chunk.toString("latin1");
      if (!head.includes("\r\n\r\n")) {
        return;
      }
      if (head.startsWith(`GET ${descriptionPath} `)) {
        head = "";
        socket.end("HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\nconnection: close\r\n\r\n");
        return;
      }
      const reply = replies[Math.min(requests.length, replies.length - 1)] ?? "";
      requests.push(head);
      head = "";
      if (typeof reply === "function") {
        reply(socket);
      } else {
        socket.end(reply);
      }
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => {
    for (const socket of sockets) {
      socket.destroy();
    }
    server.close();
  });
  return { host: `127.0.0.1:${(server.address() as AddressInfo).port}`, requests };
}
