import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { eventsPerPage } from "./settings.js";
import { endWithThisProcess } from "./workspace.js";

const binary = fileURLToPath(new URL("../bin/sparky-events.js", import.meta.url));

const minute = 60_000;
const day = 24 * 60 * minute;

/**
 * Starts the simulator in a process of its own.
 *
 * @param {{ events: number, latency?: number }} options
 */
export async function startSimulator({ events, latency = 0 }) {
  const args = [binary, "sandbox", "--port", "0"];
  args.push("--events", String(events), "--latency", String(latency));
  const child = endWithThisProcess(
    spawn(process.execPath, args, { stdio: ["ignore", "pipe", "inherit"] }),
  );
  const lines = createInterface({ input: child.stdout });
  const [line] = await Promise.race([
    once(lines, "line"),
    once(child, "exit").then(([code]) => {
      throw new Error(`The simulator ended with ${code}.`);
    }),
  ]);
  const origin = /http:\/\/\S+/.exec(line)?.[0];
  if (origin === undefined) {
    throw new Error(`The simulator does not tell its address: ${line}`);
  }
  // Whole minutes that have passed: nothing enters or leaves the range while the rounds run.
  const to = Math.floor(Date.now() / minute) * minute - minute;
  return {
    origin,
    from: isoMinute(to - 10 * day + 30 * minute),
    to: isoMinute(to),
    async stop() {
      const exited = once(child, "exit");
      child.kill();
      await exited;
    },
  };
}

function isoMinute(time) {
  return new Date(time).toISOString().replace(":00.000Z", "Z");
}

/** URL of the first page of the simulator's range. */
export function firstPage({ origin, from, to }) {
  // The end of the command line's range is inclusive to the minute; that of the API is not.
  const exclusiveTo = isoMinute(Date.parse(to) + minute);
  const seconds = (time) => time.replace("Z", ":00Z");
  return `${origin}/api/v1/events/message?cursor=initial&from=${seconds(from)}&to=${seconds(exclusiveTo)}&per_page=${eventsPerPage}`;
}
