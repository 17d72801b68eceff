import { once } from "node:events";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { createServer as createTlsServer, type Server as TlsServer } from "node:https";
import type { AddressInfo } from "node:net";
import type { KeyRing } from "../access/key-ring.js";
import type { Clock } from "../clock.js";
import { UsageError } from "../errors.js";
import { hasCode } from "../files/errno.js";
import { errorAnswer, HttpError } from "../http/answer.js";
import { aborted, endOf } from "../http/end-of.js";
import { createRouter, type Outcome } from "../http/router.js";
import { sendAnswer } from "../http/send.js";
import { createAuthenticate } from "./authenticate.js";
import { type CertificateFiles, CertificateWatch, readCertificate } from "./certificate.js";
import { limitStore } from "./limited-store.js";
import type { Limits } from "./limits.js";
import { authorityOf, type ListenAddress } from "./listen-address.js";
import { type ServedStore, serverRoutes } from "./routes.js";
import type { ServerLog } from "./server-log.js";
import { WrongKeys } from "./wrong-keys.js";

export interface ServerOptions {
  readonly store: ServedStore;
  readonly keys: KeyRing;
  readonly listen: ListenAddress;
  /** Absent without TLS. */
  readonly tls?: CertificateFiles | undefined;
  readonly behindProxy: boolean;
  readonly limits: Limits;
  readonly clock: Clock;
  readonly log: ServerLog;
}

export interface RunningServer {
  /** Such as `http://127.0.0.1:8026`. */
  readonly url: string;
  /** Lets what runs come to its end, for a while. */
  close(): Promise<void>;
}

/** How often the files of the certificate are looked at, in milliseconds. */
const renewalCheck = 10_000;

/** @throws UsageError where it cannot listen, or the certificate is none */
export async function startServer(options: ServerOptions): Promise<RunningServer> {
  const { listen, limits, tls, clock, log } = options;
  const end = new AbortController();
  const answer = createAnswerer(options, end.signal);
  const settings = {
    maxHeaderSize: limits.headers,
    headersTimeout: limits.headersTime,
    requestTimeout: limits.requestTime,
    keepAliveTimeout: limits.idleTime,
    connectionsCheckingInterval: Math.min(limits.headersTime, 5_000),
  };
  let server: Server | TlsServer;
  if (tls) {
    const watch = await CertificateWatch.begin(tls);
    const secure = createTlsServer({
      ...settings,
      ...(await readCertificate(tls)),
      handshakeTimeout: limits.headersTime,
    });
    void followRenewals(secure, watch, { clock, log, signal: end.signal });
    server = secure;
  } else {
    server = createServer(settings);
  }
  const running = new Set<Promise<void>>();
  server.on("request", (request, response) => {
    const exchange = answer(request, response).finally(() => {
      running.delete(exchange);
      if (end.signal.aborted) {
        // It may be kept alive for a next request, which nobody waits for any more.
        server.closeIdleConnections();
      }
    });
    running.add(exchange);
  });
  server.maxConnections = limits.connections;
  try {
    await startListening(server, listen);
  } catch (error) {
    end.abort();
    throw error;
  }
  const { port } = server.address() as AddressInfo;
  return {
    url: `${tls ? "https" : "http"}://${authorityOf(listen.host, port)}`,
    async close() {
      end.abort();
      const closed = once(server, "close");
      server.close();
      const timer = setTimeout(() => server.closeAllConnections(), limits.drainTime);
      await closed;
      clearTimeout(timer);
      // What they searched in is closed next.
      await Promise.all(running);
    },
  };
}

/** Answers a request, within the limits, and puts it into the log when that is over. */
function createAnswerer(
  { store, keys, behindProxy, limits, clock, log }: ServerOptions,
  end: AbortSignal,
): (request: IncomingMessage, response: ServerResponse) => Promise<void> {
  const routes = serverRoutes(limitStore(store, limits), { limits, now: clock.now });
  const wrongKeys = new WrongKeys(limits.wrongKeys, clock.now);
  const route = createRouter(routes, createAuthenticate({ keys, wrongKeys, behindProxy }));
  return async (request, response) => {
    const began = performance.now();
    const signal = endOf(response);
    let sent = false;
    const outcome = refuseBody(request, limits.body) ?? (await route(request, signal));
    const { answer, failure } = outcome;
    if (failure) {
      log.failure(failure.id, failure.cause);
    }
    if (!signal.aborted) {
      if (end.aborted) {
        response.shouldKeepAlive = false;
      }
      cutOffSlow(response, limits);
      response.setHeader("cache-control", "no-store");
      response.setHeader("x-content-type-options", "nosniff");
      sendAnswer(response, answer, () => {
        sent = true;
      });
    }
    await aborted(signal);
    log.request({
      method: request.method ?? "",
      route: outcome.route?.path,
      status: answer.status,
      sent,
      milliseconds: Math.round(performance.now() - began),
      events: answer.events,
      key: outcome.caller?.name,
    });
  };
}

/** Nothing that is asked for has a body; what comes nevertheless is thrown away, up to a size. */
function refuseBody(request: IncomingMessage, most: number): Outcome | undefined {
  if (Number(request.headers["content-length"] ?? 0) > most) {
    const error = new HttpError(413, "Content Too Large", { headers: { connection: "close" } });
    return {
      answer: errorAnswer(error),
      route: undefined,
      caller: undefined,
      failure: undefined,
    };
  }
  let taken = 0;
  request.on("data", (chunk: Buffer) => {
    taken += chunk.length;
    if (taken > most) {
      request.destroy();
    }
  });
  return undefined;
}

/** What a client does not take is in memory for as long. */
function cutOffSlow(response: ServerResponse, { stallTime, sendTime }: Limits): void {
  response.setTimeout(stallTime);
  const timer = setTimeout(() => response.destroy(), sendTime);
  response.once("close", () => clearTimeout(timer));
}

async function startListening(
  server: Server | TlsServer,
  { host, port }: ListenAddress,
): Promise<void> {
  const listening = once(server, "listening");
  server.listen(port, host);
  try {
    await listening;
  } catch (error) {
    const reasons: Readonly<Record<string, string>> = {
      EADDRINUSE: "it is in use already",
      EACCES: "no permission",
      EADDRNOTAVAIL: "this machine has no such address",
    };
    if (hasCode(error, ...Object.keys(reasons))) {
      const reason = reasons[(error as NodeJS.ErrnoException).code ?? ""];
      throw new UsageError(`Cannot listen on ${authorityOf(host, port)}: ${reason}.`, {
        hint: "Choose another with --listen ADDRESS:PORT; port 0 takes any free one.",
        cause: error,
      });
    }
    throw error;
  }
}

/** A certificate is renewed every few weeks, while the server runs. */
async function followRenewals(
  server: TlsServer,
  watch: CertificateWatch,
  { clock, log, signal }: { clock: Clock; log: ServerLog; signal: AbortSignal },
): Promise<void> {
  while (!signal.aborted) {
    await clock.sleep(renewalCheck, signal).catch(() => {});
    try {
      const certificate = signal.aborted ? undefined : await watch.changed();
      if (certificate) {
        server.setSecureContext(certificate);
        log.certificateRenewed();
      }
    } catch (error) {
      log.certificateRefused(error);
    }
  }
}
