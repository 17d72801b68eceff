import { spawn } from "node:child_process";
import { once } from "node:events";
import { chmod, mkdir, readdir, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import { duckDb, newFolder, openAt } from "../store/store-harness.js";
import { startProgram } from "../store/store-program.js";
import { commandLine, runCommand, startCommand } from "../support/command.js";
import { nameStore, storeEngines } from "../support/event-stores.js";
import { randomNumbers, seed, times } from "../support/random-numbers.js";
import { writeStoreCsv } from "../support/store-csv.js";

function eventsOf(prefix: string, count: number): string[] {
  return Array.from({ length: count }, (_, index) =>
    JSON.stringify({
      event_id: `${prefix}-${index}`,
      timestamp: new Date(Date.UTC(2026, 10, 1) + index * 60_000).toISOString(),
      rcpt_to: `${prefix}-${index}@example.com`,
      text: Array.from({ length: 30 }, (_, at) => Math.sin(index * 40 + at)).join(),
    }),
  );
}

describe.each(storeEngines)("store compact in $engine", (harness) => {
  test("makes a store smaller, and changes nothing in it", async () => {
    const cwd = await newFolder();
    const store = await nameStore(harness);
    const run = (...args: string[]) => runCommand(args, { cwd, env: store.env });
    const absent = await run("store", "compact", "--store", store.name);
    expect(absent.code).toBe(2);
    expect(absent.stderr).toMatch(/no store/);

    const load = async (part: string, count: number) => {
      await writeFile(join(cwd, "events.jsonl"), eventsOf(part, count).join("\n"));
      expect((await run("load", "events.jsonl", "--to", store.name)).code).toBe(0);
    };
    await load("a", 1000);
    await load("z", 3000);
    // What PostgreSQL leaves in its files. DuckDB leaves something over of each load.
    await store.sql("delete from sparky_events.events where identity >= 'z' returning 1 as gone");
    for (const part of harness.engine === "DuckDB" ? "bcdefghijk" : "") {
      await load(part, 50);
    }
    const [before, info] = [await store.texts(), await run("store", "info", "--store", store.name)];
    const { code, stdout } = await run(
      ...["store", "compact", "--store", store.name, "--format", "json"],
    );
    expect(code).toBe(0);
    const sizes = JSON.parse(stdout) as { store: string; before: number; after: number };
    expect(sizes.store).toBe(store.name);
    expect(sizes.after).toBeLessThan(sizes.before * 0.85);
    expect(await store.texts()).toEqual(before);
    const after = await run("store", "info", "--store", store.name);
    expect(after.stdout.replace(/^size.*/m, "")).toBe(info.stdout.replace(/^size.*/m, ""));
    expect((await run("store", "compact", "--store", store.name)).stdout).toMatch(
      /: [\d.]+ [kM]B → [\d.]+ [kM]B\n$/,
    );
  });
});

describe("store compact of a DuckDB file", () => {
  async function filled() {
    const cwd = await newFolder();
    const path = join(cwd, "events.duckdb");
    const store = await openAt(path);
    const csv = await writeStoreCsv(await newFolder(), "a.csv", eventsOf("a", 3000));
    await store.load({ files: [csv], fallbackTime: 0 });
    await store.close();
    return { cwd, path, csv };
  }

  test("leaves the rights of the file, and nothing beside it", async () => {
    const { cwd, path } = await filled();
    await chmod(path, 0o640);
    // What an earlier one has left that was killed.
    await mkdir(`${path}.compact`);
    await writeFile(join(`${path}.compact`, "new.duckdb"), "half of it");
    const before = await stat(path);
    expect((await runCommand(["store", "compact"], { cwd })).code).toBe(0);
    const after = await stat(path);
    expect(after.ino).not.toBe(before.ino);
    expect(after.mode & 0o777).toBe(0o640);
    expect(await readdir(cwd)).toEqual(["events.duckdb"]);
  });

  test("on a full disk leaves it as it was", async () => {
    const { cwd, path } = await filled();
    const { ino, size } = await stat(path);
    const blocks = Math.floor(size / 512 / 2);
    const words = [
      "sh",
      "-c",
      `ulimit -f ${blocks} && exec "$@"`,
      "sh",
      ...commandLine(["store", "compact"]),
    ];
    const child = spawn("/bin/sh", words.slice(1), { cwd, stdio: ["ignore", "ignore", "pipe"] });
    let stderr = "";
    child.stderr.on("data", (text) => {
      stderr += text;
    });
    const [code] = await once(child, "close");
    expect(stderr).toContain("the disk is full");
    expect(code).toBe(1);
    expect(await stat(path)).toMatchObject({ ino });
    expect(await readdir(cwd)).toEqual(["events.duckdb"]);
    const store = await openAt(path, "read");
    expect((await store.info()).events).toBe(3000);
  });

  test("refuses a file with tables of somebody's own, and so does forget", async () => {
    const { cwd, path } = await filled();
    await duckDb.sql(path, "create view sparky_events.orders as select 1 as one");
    await duckDb.sql(path, "create table sparky_events.customers (id int primary key)");
    for (const args of [["compact"], ["forget", "a-1@example.com", "--yes"]]) {
      const { code, stderr } = await runCommand(["store", ...args], { cwd });
      expect(code).toBe(2);
      expect(stderr).toContain("events.duckdb holds more than events: customers, orders.");
    }
    const store = await openAt(path, "read");
    expect((await store.info()).events).toBe(3000);
  });

  test("waits for one who has the file, and gives up with 75", { timeout: 60_000 }, async () => {
    const { cwd, path } = await filled();
    const program = startProgram(path);
    expect(await program.next()).toBe("open");
    const { code, stderr } = await runCommand(["store", "compact"], { cwd });
    expect(code).toBe(75);
    expect(stderr).toContain("is in use by another program");
    await program.finish();
  });

  test(`killed, or at work beside others, loses nothing (SEED=${seed})`, {
    timeout: 120_000,
  }, async () => {
    const below = randomNumbers(seed);
    const { cwd, path } = await filled();
    let expected = 3000;
    for (let round = 0; round < times(4, 40); round++) {
      const lines = join(cwd, `more-${round}.jsonl`);
      await writeFile(lines, eventsOf(`more-${round}`, 20).join("\n"));
      const compact = startCommand(["store", "compact"], { cwd });
      await wait(below(400));
      const loads = startCommand(["load", lines, "--to", path], { cwd });
      await wait(below(900));
      const isKilled = below(2) === 0;
      if (isKilled) {
        compact.process.kill("SIGKILL");
      }
      const [{ code }, loaded] = [await compact.finished, await loads.finished];
      expect(loaded.code).toBe(0);
      expect([0, null]).toContain(code);
      expected += 20;
      const store = await openAt(path);
      expect((await store.info()).events).toBe(expected);
      await store.close();
      expect((await readdir(cwd)).filter((name) => name.startsWith("events.duckdb"))).toEqual([
        "events.duckdb",
      ]);
    }
  });
});
