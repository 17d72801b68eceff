import { createHash } from "node:crypto";
import { createReadStream, writeFileSync } from "node:fs";
import { open } from "node:fs/promises";
import { pipeline } from "node:stream/promises";
import { timeProcess } from "../child.js";
import { columnSets, describeColumns } from "../columns.js";
import { curl } from "../competitors/curl.js";
import { jq } from "../competitors/jq.js";
import { buildScript, exportScript, nodeScript, scriptPath } from "../competitors/node-script.js";
import { thisTool } from "../competitors/this-tool.js";
import { versionOf } from "../machine.js";
import { listPages } from "../page-list.js";
import { formatCount, formatRatio, formatTimes, printHeading, printTable } from "../report.js";
import { median, medianRatio, runRounds } from "../rounds.js";
import { settings } from "../settings.js";
import { startSimulator } from "../simulator.js";
import { fileInWorkspace } from "../workspace.js";

const names = {
  undici: "(a) undici, download only",
  curl: "(a) curl, download only",
  tool: "(b) this tool",
  sequential: "(b) this tool, --concurrency 1",
  plain: "(c) JSON.parse + csv-stringify",
  jq: "(d) jq @csv, one page, scaled up",
};

/** Events per second without latency, against everything else. */
export async function measureThroughput() {
  const simulator = await startSimulator({ events: settings.events });
  try {
    const pages = await listPages(simulator, fileInWorkspace("page.json"));
    const competitors = competitorsOf(simulator, pages);
    await warmUp(competitors, simulator);
    const timers = new Map(
      [...competitors].map(([key, competitor]) => [key, () => timeOf(key, competitor, pages)]),
    );
    const times = await runRounds(timers, settings.rounds, "throughput");
    printHeading(
      `Throughput: ${formatCount(pages.events)} events, ${pages.urls.length} pages, ${formatCount(pages.bytes / 1e6)} MB; ${settings.rounds} rounds`,
    );
    printDownloads(times, pages);
    for (const set of Object.keys(columnSets)) {
      printExports(times, pages, set);
    }
    return targetsOf(times);
  } finally {
    await simulator.stop();
  }
}

/** By `name`, or `name set` for what makes a CSV of a set of columns. */
function competitorsOf(simulator, { urls, savedPage }) {
  const urlList = fileInWorkspace("urls.txt");
  writeFileSync(urlList, `${urls.join("\n")}\n`);
  const competitors = new Map([["undici", nodeScript("undici-download", urlList)]]);
  if (versionOf("curl")) {
    competitors.set("curl", curl(urls, fileInWorkspace("curl.config")));
  }
  for (const [set, columns] of Object.entries(columnSets)) {
    const csv = (name) => ({ columns, output: outputOf(name, set) });
    const add = (name, competitor) => competitors.set(`${name} ${set}`, competitor);
    add("tool", thisTool(simulator, csv("tool")));
    add("sequential", thisTool(simulator, { ...csv("sequential"), concurrency: 1 }));
    add("plain", exportScript(scriptPath("plain-path"), simulator, csv("plain")));
    if (versionOf("jq")) {
      add("jq", jq(savedPage, csv("jq")));
    }
  }
  return competitors;
}

async function timeOf(key, competitor, pages) {
  const time = await timeProcess(competitor);
  const [name, set] = key.split(" ");
  if (set !== undefined) {
    await flush(outputOf(name, set));
  }
  // One page takes jq as long as any other, so a round of all of them would only take time.
  return name === "jq" ? (time * pages.events) / pages.savedEvents : time;
}

/** Those that leave the flushing to the system would leave it to the next one's time. */
async function flush(path) {
  const file = await open(path, "r+");
  await file.sync();
  await file.close();
}

function outputOf(name, set) {
  return fileInWorkspace(`${name}-${set}.csv`);
}

/** A round that does not count: fills the caches, and finds out whether the work is done right. */
async function warmUp(competitors, simulator) {
  process.stderr.write("throughput: warming up\n");
  for (const competitor of competitors.values()) {
    await timeProcess(competitor);
  }
  const referenceConverter = await buildScript("reference-converter");
  for (const [set, columns] of Object.entries(columnSets)) {
    const csv = { columns, output: outputOf("reference", set) };
    await timeProcess(exportScript(referenceConverter, simulator, csv));
    const wanted = await digestOf(outputOf("reference", set));
    for (const name of ["tool", "sequential"]) {
      if ((await digestOf(outputOf(name, set))) !== wanted) {
        throw new Error(`${names[name]} did not write what the reference converter writes.`);
      }
    }
  }
}

async function digestOf(path) {
  const hash = createHash("sha256");
  await pipeline(createReadStream(path), hash);
  return hash.digest("hex");
}

function printDownloads(times, { events, bytes }) {
  const rows = ["undici", "curl"].map((name) => {
    const measured = times.get(name);
    return measured === undefined
      ? [names[name], "not installed", "", "", "", ""]
      : [
          names[name],
          ...formatTimes(measured),
          formatCount((events / median(measured)) * 1_000),
          formatCount(bytes / median(measured) / 1_000),
          formatRatio(medianRatio(measured, times.get("undici"))),
        ];
  });
  console.log();
  printTable([["download", "median", "range", "events/s", "MB/s", "time / undici"], ...rows]);
}

function printExports(times, { events }, set) {
  const rows = ["tool", "sequential", "plain", "jq"].map((name) => {
    const measured = times.get(`${name} ${set}`);
    return measured === undefined
      ? [names[name], "not installed", "", "", "", "", ""]
      : [
          names[name],
          ...formatTimes(measured),
          formatCount((events / median(measured)) * 1_000),
          formatRatio(medianRatio(measured, times.get("undici"))),
          formatRatio(medianRatio(times.get(`plain ${set}`), measured)),
          `${((median(measured) / events) * 10_000).toFixed(0)} ms`,
        ];
  });
  console.log();
  printTable([
    [
      describeColumns(set),
      "median",
      "range",
      "events/s",
      "time / undici",
      "events/s / (c)",
      "per 10,000",
    ],
    ...rows,
  ]);
}

function targetsOf(times) {
  return Object.keys(columnSets).flatMap((set) => [
    {
      name: `events/s of (b) / events/s of (c), ${describeColumns(set)}`,
      bound: "at least",
      limit: set === "all" ? 8 : 4,
      measured: medianRatio(times.get(`plain ${set}`), times.get(`tool ${set}`)),
      unit: " x",
    },
    {
      name: `time of (b) / time of undici in (a), ${describeColumns(set)}`,
      bound: "at most",
      limit: 3,
      measured: medianRatio(times.get(`tool ${set}`), times.get("undici")),
      unit: " x",
    },
  ]);
}
