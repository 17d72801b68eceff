import { fileURLToPath } from "node:url";
import { timeProcess } from "../child.js";
import { formatRatio, formatTimes, printHeading, printTable } from "../report.js";
import { medianRatio, runRounds } from "../rounds.js";
import { settings } from "../settings.js";

const binary = fileURLToPath(new URL("../../bin/sparky-events.js", import.meta.url));

/** How long a person waits for help. */
export async function measureStartup() {
  const bare = { command: process.execPath, args: ["-e", "0"] };
  const help = { command: process.execPath, args: [binary, "--help"] };
  await timeProcess(bare);
  await timeProcess(help);
  const timers = new Map([
    ["node -e 0", () => timeProcess(bare)],
    ["sparky-events --help", () => timeProcess(help)],
  ]);
  const times = await runRounds(timers, settings.startupRounds);
  const ratio = (name) => medianRatio(times.get(name), times.get("node -e 0"));
  printHeading(`Start-up; ${settings.startupRounds} rounds`);
  printTable([
    ["command", "median", "range", "time / node -e 0"],
    ...[...times].map(([name, each]) => [name, ...formatTimes(each), formatRatio(ratio(name))]),
  ]);
  return [
    {
      name: "time of --help / time of node -e 0",
      bound: "under",
      limit: 2,
      measured: ratio("sparky-events --help"),
      unit: " x",
    },
  ];
}
