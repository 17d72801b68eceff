import { timeProcess } from "../child.js";
import { columnSets } from "../columns.js";
import { thisTool } from "../competitors/this-tool.js";
import { formatCount, formatRatio, formatTimes, printHeading, printTable } from "../report.js";
import { medianRatio, runRounds } from "../rounds.js";
import { settings } from "../settings.js";
import { startSimulator } from "../simulator.js";
import { fileInWorkspace } from "../workspace.js";

const concurrencies = [1, 2, 4, 8];

/** What requests side by side gain where each answer is long in coming. */
export async function measureLatency() {
  const { latencyEvents: events, latency, rounds } = settings;
  const simulator = await startSimulator({ events, latency });
  try {
    const run = (concurrency) =>
      timeProcess(
        thisTool(simulator, {
          columns: columnSets[15],
          output: fileInWorkspace("latency.csv"),
          concurrency,
        }),
      );
    process.stderr.write("latency: warming up\n");
    await run(concurrencies.at(-1));
    const timers = new Map(
      concurrencies.map((concurrency) => [concurrency, () => run(concurrency)]),
    );
    const times = await runRounds(timers, rounds, "latency");

    const speedup = (concurrency) => medianRatio(times.get(1), times.get(concurrency));
    printHeading(
      `Latency: ${formatCount(events)} events, 15 columns, ${latency} ms for each answer; ${rounds} rounds`,
    );
    printTable([
      ["--concurrency", "median", "range", "speed / 1"],
      ...concurrencies.map((concurrency) => [
        String(concurrency),
        ...formatTimes(times.get(concurrency)),
        formatRatio(speedup(concurrency)),
      ]),
    ]);
    return [
      {
        name: `speed at --concurrency 8 / at 1, ${latency} ms latency`,
        bound: "at least",
        limit: 6.5,
        measured: speedup(8),
        unit: " x",
      },
    ];
  } finally {
    await simulator.stop();
  }
}
