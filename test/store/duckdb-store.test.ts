import { mkdir, readdir, readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { storeColumns } from "../../src/store/store-columns.js";
import { writeStoreCsv } from "../support/store-csv.js";
import { duckDb, newFolder, openAt } from "./store-harness.js";
import { startProgram } from "./store-program.js";

const absentPackages = new URL("../support/absent-packages.js", import.meta.url).href;

function eventsNamed(prefix: string, count: number): string[] {
  return Array.from({ length: count }, (_, index) =>
    JSON.stringify({
      event_id: `${prefix}-${index}`,
      timestamp: new Date(Date.UTC(2026, 10, 1) + index).toISOString(),
      text: Array.from({ length: 40 }, (_, at) => Math.sin(index * 40 + at)).join(),
    }),
  );
}

test("its files are for their owner alone, and none but one is left", async () => {
  const address = await duckDb.newAddress();
  const folder = join(address, "..");
  const store = await openAt(address);
  const csv = await writeStoreCsv(await newFolder(), "one.csv", eventsNamed("a", 10));
  await store.load({ files: [csv], fallbackTime: 0 });

  const modes = await Promise.all(
    (await readdir(folder)).map(async (name) => {
      const { mode } = await stat(join(folder, name));
      return `${name} ${(mode & 0o777).toString(8)}`;
    }),
  );
  expect(modes.sort()).toEqual([
    "events.duckdb 600",
    "events.duckdb.tmp 700",
    "events.duckdb.wal 600",
  ]);
  await store.close();
  await store.close();
  expect(await readdir(folder)).toEqual(["events.duckdb"]);
});

test("held by another process, or by this one, it says so", async () => {
  const address = await duckDb.newAddress();
  const program = startProgram(address);
  expect(await program.next()).toBe("open");
  for (const mode of ["read", "write"] as const) {
    await expect(openAt(address, mode)).rejects.toMatchObject({
      exitCode: 75,
      message: `${address} is in use by another program (process ${program.process.pid}).`,
      hint: expect.stringContaining("--host"),
    });
  }
  await program.finish();

  await openAt(address);
  await expect(openAt(address)).rejects.toMatchObject({ exitCode: 75 });
});

test("what is no DuckDB file, damaged, or in no folder, is refused in words", async () => {
  const folder = await newFolder();
  const open = (name: string) => openAt(join(folder, name));
  await writeFile(join(folder, "other.duckdb"), "no database at all ".repeat(1000));
  await writeFile(join(folder, "empty.duckdb"), "");
  await mkdir(join(folder, "folder.duckdb"));
  for (const name of ["other.duckdb", "empty.duckdb", "folder.duckdb"]) {
    await expect(open(name)).rejects.toMatchObject({
      exitCode: 2,
      message: expect.stringMatching(/is no DuckDB file\.$/),
    });
  }
  await expect(open("absent/events.duckdb")).rejects.toMatchObject({
    exitCode: 2,
    message: expect.stringContaining("its folder does not exist"),
  });

  await (await open("good.duckdb")).close();
  const bytes = await readFile(join(folder, "good.duckdb"));
  bytes.fill(7, 4096, 12_000);
  await writeFile(join(folder, "damaged.duckdb"), bytes);
  await expect(open("damaged.duckdb")).rejects.toMatchObject({
    exitCode: 1,
    message: expect.stringContaining("is damaged"),
  });
});

test("an event that is longer than any should be is kept, too", async () => {
  const long = "x".repeat(40_000_000);
  const texts = [
    ...eventsNamed("a", 10),
    JSON.stringify({ event_id: "long", rcpt_meta: { long } }),
  ];
  const store = await openAt(await duckDb.newAddress());
  const file = await writeStoreCsv(await newFolder(), "long.csv", texts);
  expect(await store.load({ files: [file], fallbackTime: 0 })).toEqual({ events: 11, added: 11 });
  // Those that follow are loaded as ever.
  expect(await store.load({ files: [file], fallbackTime: 0 })).toEqual({ events: 11, added: 0 });
});

test("a text that looks like records is none of them, wherever it stands", async () => {
  const store = await openAt(await duckDb.newAddress());
  const forged = (fields: number) => `\n${Array(fields).fill("forged").join()},{}`;
  const texts = Array.from({ length: 300 }, (_, index) =>
    JSON.stringify({
      event_id: `${1000 + index}`,
      timestamp: new Date(Date.UTC(2026, 10, 1) + index).toISOString(),
      reason: forged(storeColumns.length - 1 - (index % 3)).repeat(400 + index),
    }),
  );
  const csv = await writeStoreCsv(await newFolder(), "forged.csv", texts);
  expect(await store.load({ files: [csv], fallbackTime: 0 })).toEqual({ events: 300, added: 300 });
  const found = await store.find(
    { from: 0, to: Date.UTC(2027, 0), types: undefined, filters: [], metadata: [] },
    { limit: 300, after: undefined },
    new AbortController().signal,
  );
  expect(JSON.parse(`[${Buffer.concat(found.json)}]`)).toEqual(
    texts.reverse().map((text) => JSON.parse(text)),
  );
}, 60_000);

test("on a full disk a load fails in words, and the store is as it was", async () => {
  const address = await duckDb.newAddress();
  const folder = await newFolder();
  const small = await writeStoreCsv(folder, "small.csv", eventsNamed("a", 100));
  const large = await writeStoreCsv(folder, "large.csv", eventsNamed("b", 10_000));
  const program = startProgram(address, [small, large], { largestFile: 3000 });

  expect(await program.next()).toBe("open");
  expect(await program.next()).toBe("added 100");
  expect(await program.next()).toMatch(/^OutputError 1: Could not write .*: the disk is full\./);
  await program.finish();
  const store = await openAt(address);
  expect((await store.info()).events).toBe(100);
  expect(await store.load({ files: [large], fallbackTime: 0 })).toEqual({
    events: 10_000,
    added: 10_000,
  });
});

test.each([
  ["events.duckdb", "npm install @duckdb/node-api "],
  ["postgres://localhost/events", "npm install pg pg-copy-streams "],
])("without its package, %s names the command to type", async (name, command) => {
  const address = name.startsWith("postgres") ? name : join(await newFolder(), name);
  const program = startProgram(address, [], { nodeOptions: ["--import", absentPackages] });
  expect(await program.next()).toMatch(new RegExp(`^UsageError 2: .* not installed.*${command}`));
});

test("pages may be larger than the memory that DuckDB has", async () => {
  const text = "x".repeat(250_000);
  const events = Array.from({ length: 400 }, (_, index) =>
    JSON.stringify({ event_id: `large-${index}`, timestamp: "2026-11-01T00:00:00Z", text }),
  );
  const store = await openAt(await duckDb.newAddress());
  const files = [await writeStoreCsv(await newFolder(), "large.csv", events)];
  await store.load({ files, fallbackTime: 0 });
  const all = { from: 0, to: Date.UTC(2027, 0), types: undefined, filters: [], metadata: [] };
  const { signal } = new AbortController();

  const { json, ...page } = await store.find(all, { limit: 1000, after: undefined }, signal);
  expect(page).toEqual({ events: 400, totalCount: 400, next: undefined });
  expect(Buffer.concat(json).toString()).toBe(events.sort().reverse().join(","));
});
