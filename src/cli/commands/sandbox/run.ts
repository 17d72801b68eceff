import { countOf } from "../../../count.js";
import { UsageError } from "../../../errors.js";
import { generateEvents } from "../../../sandbox/generated-events.js";
import { type Sandbox, type SandboxOptions, startSandbox } from "../../../sandbox/server.js";
import type { Edges } from "../../process/edges.js";
import { wrapFor } from "../../terminal/wrap.js";
import type { SandboxGiven } from "./command.js";

const mostEvents = 20_000_000;

/** Runs the simulator until somebody stops it. */
export async function runSandbox(options: SandboxGiven, edges: Edges): Promise<void> {
  const events =
    readNumber("--events", options.events, { most: mostEvents, whole: true }) ?? 100_000;
  const seed = readNumber("--seed", options.seed, { most: 2 ** 32 - 1, whole: true }) ?? 1;
  const serverOptions = {
    port: readNumber("--port", options.port, { most: 65_535, whole: true }) ?? 8025,
    rateLimit: readNumber("--rate-limit", options.rateLimit, { least: 0.01, most: 1e6 }),
    latency: readNumber("--latency", options.latency, { most: 3_600_000 }),
    failRate: readNumber("--fail-rate", options.failRate, { most: 1 }),
    seed,
  };
  const { now } = edges.clock;
  const source = generateEvents({ events, seed, now: now() });
  const sandbox = await startOrExplain({ ...serverOptions, source, now });
  const greeting =
    `A stand-in for SparkPost with ${countOf(events, "event")} of the last 10 days is at ${sandbox.origin}\n` +
    `Any API key will do; the keys "unauthorized" and "forbidden" are refused. In another terminal:\n\n`;
  const command = `npx sparky-events yesterday --host ${sandbox.origin}`;
  edges.stdout.write(
    // The lines to copy stay one line each.
    `${wrapFor(edges.stdout, greeting)}  SPARKPOST_API_KEY=sandbox ${command}\n\n` +
      `In PowerShell:\n\n  $env:SPARKPOST_API_KEY = "sandbox"; ${command}\n\nCtrl-C stops it.\n`,
  );
  await stopped(edges.signal);
  await sandbox.close();
}

async function startOrExplain(options: SandboxOptions): Promise<Sandbox> {
  try {
    return await startSandbox(options);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "EADDRINUSE" || code === "EACCES") {
      throw new UsageError(
        code === "EACCES"
          ? `Port ${options.port} is not allowed.`
          : `Port ${options.port} is in use already.`,
        { hint: "Choose another with --port N; --port 0 takes any free one.", cause: error },
      );
    }
    throw error;
  }
}

function stopped(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) {
      resolve();
    }
    signal.addEventListener("abort", () => resolve(), { once: true });
  });
}

function readNumber(
  option: string,
  text: string | undefined,
  { least = 0, most, whole = false }: { least?: number; most: number; whole?: boolean },
): number | undefined {
  if (text === undefined) {
    return undefined;
  }
  const value = Number(text);
  const wellFormed = whole ? /^\d+$/.test(text) : /^\d*\.?\d+$/.test(text);
  if (!wellFormed || value < least || value > most) {
    throw new UsageError(
      `${option}: "${text}" is not a ${whole ? "whole " : ""}number from ${least} to ${most}.`,
    );
  }
  return value;
}
