import { once } from "node:events";
import { createReadStream, createWriteStream, rmSync } from "node:fs";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { timeProcess } from "./child.js";
import { startSimulator } from "./simulator.js";
import { emptyConfig, fileInWorkspace } from "./workspace.js";

const binary = fileURLToPath(new URL("../bin/sparky-events.js", import.meta.url));

/** The simulator holds its events in memory, so more of them are made from these. */
const mostSimulated = 500_000;

const day = 86_400_000;
/** The simulator's events are of so many days. */
const days = 10;

/**
 * Hands on files with an event a line, oldest days first, and deletes each when `use` has ended. Each file's
 * events are those of the simulator, days earlier and with ids of their own; every other file's recipients
 * are the same, so that one has a few dozen events.
 *
 * @param {number} events
 * @param {(path: string, events: number) => Promise<void>} use
 */
export async function forEachFileOfEvents(events, use) {
  const simulated = Math.min(events, mostSimulated);
  const base = fileInWorkspace("simulated.jsonl");
  await exportSimulated(simulated, base);
  for (let copy = Math.ceil(events / simulated) - 1; copy >= 0; copy--) {
    const path = fileInWorkspace(`events-${copy}.jsonl`);
    const written = await copyLines(
      base,
      path,
      copy,
      Math.min(simulated, events - copy * simulated),
    );
    await use(path, written);
    rmSync(path);
  }
  rmSync(base);
}

async function exportSimulated(events, output) {
  const simulator = await startSimulator({ events });
  try {
    const { origin, from, to } = simulator;
    const args = [binary, from, to, "--host", origin, "--config", emptyConfig];
    args.push("--format", "jsonl", "--out", output, "--quiet");
    await timeProcess({ command: process.execPath, args, creates: output });
  } finally {
    await simulator.stop();
  }
}

/** @returns {Promise<number>} number of lines */
async function copyLines(from, to, copy, most) {
  const output = createWriteStream(to);
  let lines = 0;
  for await (const line of createInterface({ input: createReadStream(from) })) {
    if (lines === most) {
      break;
    }
    lines++;
    if (!output.write(`${changed(line, copy)}\n`)) {
      await once(output, "drain");
    }
  }
  output.end();
  await once(output, "finish");
  return lines;
}

/** Characters that PostgreSQL's JSON can hold, but not give back as text. */
const unreadable = /\\u0000|\\u[dD][89a-fA-F][0-9a-fA-F]{2}/g;

function changed(original, copy) {
  const line = original.replace(unreadable, "");
  if (copy === 0) {
    return line;
  }
  return line
    .replace(/"timestamp":"([^"]+)"/, (_, time) => {
      const earlier = new Date(Date.parse(time) - copy * days * day);
      return `"timestamp":"${earlier.toISOString()}"`;
    })
    .replace(/"(event_id|message_id)":"/g, `"$1":"${copy}-`)
    .replace(/"rcpt_to":"/, copy % 2 === 0 ? "$&" : "$&x.");
}
