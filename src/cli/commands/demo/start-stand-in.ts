import { generateEvents } from "../../../sandbox/generated-events.js";
import { type Sandbox, type SandboxOptions, startSandbox } from "../../../sandbox/server.js";
import type { Edges } from "../../process/edges.js";
import { wrapFor } from "../../terminal/wrap.js";

/** Starts a simulator in this process, and says so. */
export async function startStandIn(
  { stderr, clock }: Edges,
  options: Pick<SandboxOptions, "latency" | "rateLimit">,
): Promise<Sandbox> {
  const start = "Starting a stand-in for SparkPost with 100,000 events of the last 10 days…\n";
  stderr.write(wrapFor(stderr, start));
  const { now } = clock;
  const source = generateEvents({ events: 100_000, seed: 1, now: now() });
  return startSandbox({ source, ...options, now });
}
