import { join } from "node:path";
import { DuckDBInstance } from "@duckdb/node-api";
import { DateTime } from "luxon";
import { expect, test } from "vitest";
import { newFolder, startCommand } from "../support/command.js";
import { SimulatedAccount } from "../support/simulated-account.js";
import { syncArguments } from "../support/sync-runs.js";

const zone = "Europe/Berlin";
const start = Date.parse("2025-10-20T00:00:00+02:00");
const now = Date.parse("2025-10-29T01:20:00+01:00");

test.each([
  [[], "*/*.csv.gz", "2025-10-29T00:00:00+01:00"],
  [["--by", "hour"], "*/*/*.csv.gz", "2025-10-29T01:00:00+01:00"],
])(
  "DuckDB finds the same events by day and type in a hive layout, with %j",
  async (options, files, end) => {
    const account = await SimulatedAccount.start({ seed: 7, start, days: 10, eventsPerDay: 300 });
    account.now = now;
    const cwd = await newFolder();
    const { code, stderr } = await startCommand(
      [...syncArguments("archive", account), "--layout", "hive", "--timezone", zone, ...options],
      { cwd, env: account.env, launcher: "dated" },
    ).finished;
    expect({ code, stderr }).toMatchObject({ code: 0 });

    const counts = new Map<string, number>();
    for (const { time, type } of account.eventsAt({ from: start, to: Date.parse(end) })) {
      const row = `${DateTime.fromMillis(time, { zone }).toISODate()} ${type}`;
      counts.set(row, (counts.get(row) ?? 0) + 1);
    }
    expect(counts.size).toBeGreaterThan(50);
    expect(await readCounts(join(cwd, "archive", files))).toEqual(counts);
  },
);

/** Number of events by `date type`. */
async function readCounts(files: string): Promise<Map<string, number>> {
  const instance = await DuckDBInstance.create();
  const connection = await instance.connect();
  try {
    const reader = await connection.runAndReadAll(
      `SELECT date::VARCHAR || ' ' || type, count(*)::INTEGER
       FROM read_csv('${files}', hive_partitioning = true) GROUP BY ALL`,
    );
    return new Map(reader.getRowsJS() as [string, number][]);
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
}
