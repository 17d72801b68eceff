import http, { type IncomingMessage } from "node:http";
import https from "node:https";
import { pipeline, type Readable } from "node:stream";
import { createBrotliDecompress, createGunzip, createInflate } from "node:zlib";
import {
  type BodySink,
  type Exchange,
  expectedSize,
  type Head,
  type Header,
  NetworkFailure,
  type Request,
} from "./exchange.js";
import { ReusedMemory } from "./reused-memory.js";

/**
 * Requests through Node's own HTTP client. For pages of 14 MB it takes a third of the processor time
 * of `fetch`, and it is loaded in no time.
 */
export function httpExchange(): Exchange {
  const agents = {
    "http:": new http.Agent({ keepAlive: true }),
    "https:": new https.Agent({ keepAlive: true }),
  };
  const memory = new ReusedMemory(Object.values(agents));
  return {
    send: (request, bodyOf) => {
      const agent = agents[request.url.protocol as keyof typeof agents];
      return exchange(request, agent, bodyOf, memory);
    },
    close() {
      agents["http:"].destroy();
      agents["https:"].destroy();
    },
  };
}

/** Everything is set up within the event that brings it, before a connection can break. */
function exchange(
  { url, headers, signal }: Request,
  agent: http.Agent,
  bodyOf: (head: Head) => BodySink,
  memory: ReusedMemory,
): Promise<Head> {
  const { get } = url.protocol === "https:" ? https : http;
  const packed = { "accept-encoding": Object.keys(unpackers).join(", ") };
  return new Promise((resolve, reject) => {
    let answered = false;
    const fail = (error: unknown) =>
      reject(signal.aborted ? signal.reason : new NetworkFailure(error, answered));
    const request = get(url, { agent, headers: { ...headers, ...packed }, signal });
    request.on("error", fail);
    request.on("upgrade", (response, socket) => {
      // Nobody asked for another protocol, and the connection is none of this one any more.
      socket.destroy();
      resolve(headOf(response));
    });
    // Not every end of a connection is an error to Node.
    request.on("close", () => answered || fail(new Error("the connection was closed")));
    request.on("response", (response) => {
      answered = true;
      const head = headOf(response);
      const guard = (work: () => void) => {
        try {
          work();
        } catch (error) {
          reject(error);
          request.destroy();
        }
      };
      guard(() => {
        const body = bodyOf(head);
        body.begin(expectedSize(head.header));
        const pieces = unpacked(response, head.header, fail)
          .on("data", (chunk: Buffer) => guard(() => body.write(chunk)))
          // An aborted answer ends too, without the rest of it.
          .on("end", () => (signal.aborted ? fail(signal.reason) : resolve(head)))
          .on("error", fail);
        if (pieces === response) {
          memory.useUp(response);
        }
      });
    });
  });
}

function headOf({ statusCode = 0, headers }: IncomingMessage): Head {
  return { status: statusCode, header: (name) => headers[name]?.toString() };
}

const chunkSize = 1 << 18;

const unpackers: Readonly<Record<string, () => NodeJS.ReadWriteStream & Readable>> = {
  gzip: () => createGunzip({ chunkSize }),
  deflate: () => createInflate({ chunkSize }),
  br: () => createBrotliDecompress({ chunkSize }),
};

function unpacked(
  response: IncomingMessage,
  header: Header,
  fail: (error: Error) => void,
): Readable {
  const encoding = header("content-encoding")?.toLowerCase();
  const unpacker = encoding === undefined ? undefined : unpackers[encoding];
  return unpacker
    ? pipeline(response, unpacker(), (error) => {
        if (error) {
          fail(error);
        }
      })
    : response;
}
