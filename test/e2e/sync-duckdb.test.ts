import { readFile } from "node:fs/promises";
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
    const rows = await ask(
      `SELECT date::VARCHAR || ' ' || type, count(*)::INTEGER
       FROM read_csv('${join(cwd, "archive", files)}', hive_partitioning = true) GROUP BY ALL`,
    );
    expect(new Map(rows as [string, number][])).toEqual(counts);
  },
);

test("the README's queries work on the folders that its commands make", async () => {
  const readme = await readFile(new URL("../../README.md", import.meta.url), "utf8");
  const [, block = ""] = /```sql\n(.*?)```/s.exec(readme) ?? [];
  const [flat, hive] = block.split(";").map((query) => query.trim());
  const account = await SimulatedAccount.start({ seed: 8, start, days: 10, eventsPerDay: 200 });
  // Days before its first event have files too.
  account.now = Date.parse("2025-10-24T01:00:00Z");
  const found = account.eventsIn({ from: start, to: Date.parse("2025-10-24T00:00:00Z") }).length;
  expect(found).toBeGreaterThan(400);

  for (const [options, query] of [
    [[], flat],
    [["--layout", "hive"], hive],
  ] as const) {
    const cwd = await newFolder();
    const { code, stderr } = await startCommand(["sync", "--host", account.origin, ...options], {
      cwd,
      env: account.env,
      launcher: "dated",
    }).finished;
    expect({ code, stderr }).toMatchObject({ code: 0 });
    const rows = await ask(`${query}`.replace("sparkpost-events/", `${cwd}/sparkpost-events/`));
    const total = rows.reduce((sum, row) => sum + Number(row.at(-1)), 0);
    expect({ query, total }).toEqual({ query, total: found });
  }
});

async function ask(query: string): Promise<readonly unknown[][]> {
  const instance = await DuckDBInstance.create();
  const connection = await instance.connect();
  try {
    return (await connection.runAndReadAll(query)).getRowsJS() as unknown[][];
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
}
