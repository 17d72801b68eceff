import { createExchange } from "../../api/create-exchange.js";
import type { BodySink } from "../../api/exchange.js";
import { isSparkPost } from "../../api/origin.js";
import { granularityOf } from "../../api/search.js";
import { findGiven } from "../../config/given.js";
import { mainSettings } from "../../config/setting-names.js";
import { expiredPart, type TimeSpan } from "../../time/retention.js";
import type { Edges } from "../process/edges.js";
import { proxyOf, type Session } from "./session.js";

const timeout = 5_000;
const mostBytes = 1_000;

/**
 * The session as it is for a range that begins before what a host usually keeps: a server of this tool
 * tells that it keeps everything. SparkPost is not asked, and no key is sent.
 */
export async function withRetentionOfHost(
  session: Session,
  range: TimeSpan,
  edges: Edges,
): Promise<Session> {
  const { settings, sources } = session;
  const reach = {
    now: edges.clock.now(),
    retention: settings.retention,
    granularity: granularityOf(settings.api),
  };
  const isKnown = isSparkPost(settings.origin) || findGiven(sources, mainSettings.retention);
  if (isKnown || !expiredPart(range, reach)) {
    return session;
  }
  return (await keepsEverything(settings.origin, edges))
    ? { ...session, settings: { ...settings, retention: Number.POSITIVE_INFINITY } }
    : session;
}

async function keepsEverything(origin: string, edges: Edges): Promise<boolean> {
  const signal = AbortSignal.any([edges.signal, AbortSignal.timeout(timeout)]);
  const exchange = createExchange(origin, { proxy: proxyOf(edges) });
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  const body: BodySink = {
    begin() {},
    write(chunk) {
      bytes += chunk.length;
      if (bytes > mostBytes) {
        throw new Error("The answer is too long.");
      }
      chunks.push(Buffer.from(chunk));
    },
  };
  try {
    const url = new URL("/.well-known/sparky-events", origin);
    const { status } = await exchange.send({ url, headers: {}, signal }, () => body);
    const answer: unknown = status === 200 ? JSON.parse(Buffer.concat(chunks).toString()) : {};
    return (answer as { retention?: unknown } | null)?.retention === "unlimited";
  } catch {
    // It is no such server, or not reached: what comes next says so.
    return false;
  } finally {
    exchange.close();
  }
}
