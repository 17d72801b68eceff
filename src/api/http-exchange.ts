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
    send: async (request, bodyOf) => {
      try {
        const agent = agents[request.url.protocol as keyof typeof agents];
        return await receiveBody(await respond(request, agent), bodyOf, memory);
      } catch (error) {
        request.signal.throwIfAborted();
        throw new NetworkFailure(error);
      }
    },
    close() {
      agents["http:"].destroy();
      agents["https:"].destroy();
    },
  };
}

function respond({ url, headers, signal }: Request, agent: http.Agent): Promise<IncomingMessage> {
  const { get } = url.protocol === "https:" ? https : http;
  const packed = { "accept-encoding": Object.keys(unpackers).join(", ") };
  return new Promise((resolve, reject) => {
    get(url, { agent, headers: { ...headers, ...packed }, signal }, resolve).on("error", reject);
  });
}

async function receiveBody(
  response: IncomingMessage,
  bodyOf: (head: Head) => BodySink,
  memory: ReusedMemory,
): Promise<Head> {
  const header: Header = (name) => response.headers[name]?.toString();
  const head = { status: response.statusCode ?? 0, header };
  const body = bodyOf(head);
  await new Promise<void>((resolve, reject) => {
    // From now on, since the connection may break while the body has to wait.
    const pieces = unpacked(response, header, reject).on("end", resolve).on("error", reject);
    const flow = () => {
      pieces.on("data", (chunk: Buffer) => body.write(chunk));
      if (pieces === response) {
        memory.useUp(response);
      }
    };
    Promise.resolve(body.begin(expectedSize(header))).then(flow, reject);
  });
  return head;
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
