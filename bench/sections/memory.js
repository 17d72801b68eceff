import { readFileSync } from "node:fs";
import { timeProcess } from "../child.js";
import { columnSets, describeColumns } from "../columns.js";
import { thisTool } from "../competitors/this-tool.js";
import { formatCount, printHeading, printTable } from "../report.js";
import { median, runRounds } from "../rounds.js";
import { settings } from "../settings.js";
import { startSimulator } from "../simulator.js";
import { fileInWorkspace } from "../workspace.js";

const hook = new URL("../peak-memory-hook.js", import.meta.url).href;

const cases = [
  { concurrency: 1, set: "15" },
  { concurrency: 4, set: "15" },
  { concurrency: 4, set: "all" },
];

/** Peak of the resident memory, for a small and a large export. */
export async function measureMemory() {
  const rows = [];
  const targets = [];
  for (const events of settings.memoryEvents) {
    const peaks = await peaksOf(events);
    for (const [{ concurrency, set }, measured] of peaks) {
      const most = Math.max(...measured);
      rows.push([
        `${formatCount(events)} events, ${describeColumns(set)}, --concurrency ${concurrency}`,
        `${median(measured).toFixed(0)} MB`,
        `${Math.min(...measured).toFixed(0)}..${most.toFixed(0)}`,
      ]);
      if (concurrency === 4) {
        targets.push({
          name: `highest peak RSS, ${formatCount(events)} events, ${describeColumns(set)}`,
          bound: "under",
          limit: 220,
          measured: most,
          unit: " MB",
        });
      }
    }
  }
  printHeading(`Peak memory (RSS); ${settings.rounds} rounds`);
  printTable([["export", "median", "range"], ...rows]);
  return targets;
}

async function peaksOf(events) {
  const simulator = await startSimulator({ events });
  try {
    const measures = new Map(cases.map((each) => [each, () => peakOf(simulator, each)]));
    const title = `memory, ${formatCount(events)} events`;
    process.stderr.write(`${title}: warming up\n`);
    await peakOf(simulator, cases[0]);
    return await runRounds(measures, settings.rounds, title);
  } finally {
    await simulator.stop();
  }
}

/** In MB of 1,000,000 bytes. */
async function peakOf(simulator, { concurrency, set }) {
  const result = fileInWorkspace("peak-memory.txt");
  const columns = columnSets[set];
  const output = fileInWorkspace("memory.csv");
  const tool = thisTool(simulator, { columns, output, concurrency });
  await timeProcess({
    ...tool,
    args: ["--import", hook, ...tool.args],
    env: { BENCH_PEAK_MEMORY_FILE: result },
  });
  return Number(readFileSync(result, "utf8")) / 1e6;
}
