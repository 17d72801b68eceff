import { readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import { DuckDBInstance } from "@duckdb/node-api";
import { expect, test } from "vitest";
import { systemClock } from "../../src/clock.js";
import { exportEvents } from "../../src/export/export-events.js";
import { syncEvents } from "../../src/sync/sync-events.js";
import { ArchiveFixture, eventAt, eventsFrom, key } from "../support/archive.js";
import { newFolder, startCommand } from "../support/command.js";
import { readTable } from "../support/parquet.js";
import { SimulatedAccount } from "../support/simulated-account.js";

const now = "2026-11-20T01:00:00Z";
const day17 = "date=2026-11-17/events.parquet";
const day18 = "date=2026-11-18/events.parquet";
const day19 = "date=2026-11-19/events.parquet";
const days = ["--format", "parquet", "--days", "3"];

function startFixture() {
  return ArchiveFixture.start(now, eventsFrom("2026-11-17T00:00Z", now));
}

async function idsIn(fixture: ArchiveFixture, name: string): Promise<unknown[]> {
  const { rows } = await readTable(join(fixture.folder, name));
  return rows.map(({ event_id }) => event_id);
}

/** Ids of the events of a day, newest first. */
function idsOf({ events }: ArchiveFixture, day: string): string[] {
  return events
    .filter(({ timestamp }) => timestamp.startsWith(day))
    .sort((a, b) => Date.parse(b.timestamp) - Date.parse(a.timestamp))
    .map(({ event_id }) => event_id);
}

test("an archive of Parquet has a partition a day, and a manifest", async () => {
  const fixture = await startFixture();
  const { code, stderr } = await fixture.sync(...days);
  expect({ code, stderr }).toMatchObject({ code: 0 });
  expect(await fixture.files()).toEqual([day17, day18, day19, "manifest.json"]);
  for (const day of ["2026-11-17", "2026-11-18", "2026-11-19"]) {
    expect(await idsIn(fixture, `date=${day}/events.parquet`)).toEqual(idsOf(fixture, day));
  }
  const { schema, files } = await fixture.manifest();
  expect(schema).toMatchObject({ records: "parquet", layout: "hive", gzip: false, format: {} });
  const { size } = await stat(join(fixture.folder, day19));
  expect(files[day19]).toMatchObject({ rows: 24, totalCount: 24, state: "complete", bytes: size });
  // The second run has nothing to do, and all of it can be read.
  expect(await fixture.sync(...days)).toMatchObject({
    code: 0,
    stderr: expect.stringContaining("nothing new"),
  });
  expect(await fixture.status("--verify")).toMatchObject({ code: 0 });
  // What is under way has no name that a reader of the folder looks for.
  expect((await readdir(join(fixture.folder, ".sync"), { recursive: true })).sort()).toEqual([
    "manifest.json",
  ]);
});

test("files are read with the package that wrote them, or it is said what to type", async () => {
  const fixture = await startFixture();
  await fixture.sync(...days);
  const absent = new URL("../support/absent-packages.js", import.meta.url).href;
  const status = (...options: string[]) =>
    startCommand(["status", ...options], {
      cwd: fixture.cwd,
      env: { CLOCK: now },
      launcher: "dated",
      nodeOptions: ["--import", absent],
    }).finished;
  expect(await status()).toMatchObject({ code: 0 });
  const verified = await status("--verify");
  expect(verified).toMatchObject({
    code: 2,
    stderr: expect.stringContaining("npm install @duckdb/node-api"),
  });
});

test.each([
  [["--layout", "flat"], "2026-11-19.parquet"],
  [["--by", "hour"], "date=2026-11-19/hour=08/events.parquet"],
  [["--layout", "flat", "--by", "hour"], "2026-11-19T08.parquet"],
])("with %j there is %s", async (options, name) => {
  const fixture = await startFixture();
  const { code, stderr } = await fixture.sync("--format", "parquet", "--days", "1", ...options);
  expect({ code, stderr }).toMatchObject({ code: 0 });
  const ids = name.includes("08") ? idsOf(fixture, "2026-11-19T08") : idsOf(fixture, "2026-11-19");
  expect(ids.length).toBeGreaterThan(0);
  expect(await idsIn(fixture, name)).toEqual(ids);
});

test("Format = parquet in the ini file has its own layout, whatever is there for CSV", async () => {
  const fixture = await startFixture();
  const ini = "[SparkPost]\nFormat = parquet\nGzip = yes\nExcel = yes\nTimestampFormat = epoch\n";
  await writeFile(join(fixture.cwd, "sparkpost.ini"), ini);
  expect(await fixture.sync("--days", "1")).toMatchObject({ code: 0 });
  expect(await fixture.files()).toEqual([day19, "manifest.json"]);
});

test("a day to which events came in late is made again, and one that has lost some stays", async () => {
  const fixture = await startFixture();
  await fixture.sync(...days);
  const before = await idsIn(fixture, day18);
  fixture.events = [
    ...fixture.events.filter(({ timestamp }) => !timestamp.startsWith("2026-11-18T0")),
    eventAt("2026-11-19T12:34:56.789Z", "bounce"),
  ];
  const { code, stderr } = await fixture.sync(...days);
  expect(code).toBe(5);
  expect(stderr).toContain("2026-11-19: exporting again, since events came in late");
  expect(stderr).toContain(
    "2026-11-18: SparkPost has 14 of its 24 events now; the file stays as it is",
  );
  expect(await idsIn(fixture, day19)).toEqual(idsOf(fixture, "2026-11-19"));
  expect(await idsIn(fixture, day18)).toEqual(before);
});

test.each([
  ["a byte in it has changed", (bytes: Buffer) => bytes.fill(bytes[60] === 0 ? 1 : 0, 60, 61)],
  ["its end is gone", (bytes: Buffer) => bytes.subarray(0, -20)],
  ["it is empty", () => Buffer.alloc(0)],
])("a file is reported and made again where %s", async (_, spoil) => {
  const fixture = await startFixture();
  await fixture.sync(...days);
  const path = join(fixture.folder, day18);
  const whole = await readFile(path);
  await writeFile(path, spoil(Buffer.from(whole)));
  const status = await fixture.status("--verify");
  expect(status).toMatchObject({ code: 5, stderr: expect.stringContaining("1 file changed") });
  const { code, stderr } = await fixture.sync(...days);
  expect({ code, stderr }).toMatchObject({ code: 0 });
  expect(stderr).toContain("is not the file that was written");
  expect((await readFile(path)).equals(whole)).toBe(true);
  expect(await fixture.status("--verify")).toMatchObject({ code: 0 });
});

test("a lost manifest is made again from the files, but for those that cannot be read", async () => {
  const fixture = await startFixture();
  await fixture.sync(...days);
  const { files } = await fixture.manifest();
  await rm(join(fixture.folder, "manifest.json"));
  await rm(join(fixture.folder, ".sync"), { recursive: true });
  const path = join(fixture.folder, day18);
  const bytes = await readFile(path);
  await writeFile(path, bytes.subarray(0, bytes.length / 2));
  const { code, stderr } = await fixture.sync(...days);
  expect({ code, stderr }).toMatchObject({ code: 0 });
  expect(stderr).toContain(
    "2 files that the manifest did not know are in it now: 2026-11-17, 2026-11-19",
  );
  const again = (await fixture.manifest()).files;
  for (const name of [day17, day18, day19]) {
    const { rows, bytes: size, sha256 } = files[name] ?? {};
    expect(again[name]).toMatchObject({ rows, bytes: size, sha256 });
  }
});

test("files of other columns are not taken for its own", async () => {
  const fixture = await startFixture();
  await fixture.sync(...days);
  await rm(join(fixture.folder, "manifest.json"));
  await rm(join(fixture.folder, ".sync"), { recursive: true });
  const { code, stderr } = await fixture.sync(...days, "-p", "event_id,timestamp");
  expect(code).toBe(2);
  expect(stderr).toContain("has other columns than the files of this archive");
});

test("an archive keeps its format, unless a new one is asked for beside it", async () => {
  const fixture = await startFixture();
  expect(await fixture.sync("--layout", "hive", "--no-gzip", "--days", "1")).toMatchObject({
    code: 0,
  });
  const refused = await fixture.sync("--format", "parquet", "--days", "1");
  expect(refused).toMatchObject({
    code: 2,
    stderr: expect.stringContaining("format: csv in the folder, parquet now"),
  });
  fixture.events = [...fixture.events, ...eventsFrom("2026-11-20T01:30Z", "2026-11-21T01:00Z")];
  fixture.now = "2026-11-21T01:00:00Z";
  const { code } = await fixture.sync("--format", "parquet", "--days", "1", "--new-schema");
  expect(code).toBe(0);
  expect(await fixture.files()).toEqual([
    "2/date=2026-11-20/events.parquet",
    "2/manifest.json",
    "date=2026-11-19/events.csv",
    "manifest.json",
  ]);
});

test("a run that is killed while a file is made is gone on with, though the events have left", async () => {
  const many = Array.from({ length: 30_000 }, (_, index) =>
    eventAt(new Date(Date.parse("2026-11-19T00:00Z") + index * 2_000).toISOString()),
  );
  const fixture = await ArchiveFixture.start("2026-11-19T01:00:00Z", many);
  const args = fixture.args(["--format", "parquet"]);
  // The archive is known to begin before that day.
  expect(await fixture.run([...args, "--days", "1"])).toMatchObject({ code: 0 });
  fixture.now = now;
  const { process: child, finished } = fixture.start(args);
  const made = join(fixture.folder, ".sync", "2026-11-19.new.pq.partial", "converted");
  const isThere = () =>
    stat(made).then(
      () => true,
      () => false,
    );
  while (!(await isThere())) {
    expect(child.exitCode).toBeNull();
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
  child.kill("SIGKILL");
  await finished;
  expect(await fixture.files()).not.toContain(day19);
  fixture.now = "2026-11-29T18:00:00Z";
  const { code, stderr } = await fixture.run(args);
  expect({ code, stderr }).toMatchObject({ code: 0 });
  expect((await idsIn(fixture, day19)).length).toBe(30_000);
});

test("the README's query works on the folder that its command makes", async () => {
  const readme = await readFile(new URL("../../README.md", import.meta.url), "utf8");
  const [, query = ""] = /```sql\n([^`]*?read_parquet[^`]*?)```/s.exec(readme) ?? [];
  const start = Date.parse("2025-10-20T00:00:00Z");
  const account = await SimulatedAccount.start({ seed: 8, start, days: 10, eventsPerDay: 200 });
  account.now = Date.parse("2025-10-24T01:00:00Z");
  const cwd = await newFolder();
  const { code, stderr } = await startCommand(
    ["sync", "--format", "parquet", "--host", account.origin],
    { cwd, env: account.env, launcher: "dated" },
  ).finished;
  expect({ code, stderr }).toMatchObject({ code: 0 });
  const end = Date.parse("2025-10-24T00:00:00Z");
  const found = account.eventsIn({ from: start, to: end }).length;
  expect(found).toBeGreaterThan(400);
  const statements = query
    .split(";")
    .map((statement) => statement.trim())
    .filter(Boolean);
  expect(statements.length).toBe(2);
  const [byDay = "", more = ""] = statements.map((statement) =>
    statement.replaceAll("sparkpost-events/", `${cwd}/sparkpost-events/`),
  );
  const rows = await ask(byDay);
  expect(rows.reduce((sum, row) => sum + Number(row.at(-1)), 0)).toBe(found);
  expect((await ask(more)).length).toBeGreaterThan(0);
  const types = await ask(`describe ${byDay}`);
  expect(types[0]?.slice(0, 2)).toEqual(["date", "DATE"]);
});

test("a program has the same, and is told what has no meaning", async () => {
  const fixture = await startFixture();
  const connection = {
    apiKey: key,
    host: fixture.origin,
    clock: { ...systemClock, now: () => Date.parse(now) },
  };
  const archive = { connection, folder: fixture.folder, records: "parquet", days: 1 } as const;
  await expect(syncEvents({ ...archive, gzip: true })).rejects.toThrow(
    "Parquet is compressed within",
  );
  expect(await syncEvents(archive)).toMatchObject({ files: 1, rows: 24, misfits: [] });
  const { types } = await readTable(join(fixture.folder, day19));
  expect([...types.keys()].at(-1)).toBe("event");
  const search = { from: Date.parse("2026-11-19"), to: Date.parse("2026-11-20") };
  const stream = { connection, search, records: "parquet", output: new PassThrough() } as const;
  await expect(exportEvents(stream)).rejects.toThrow("Parquet can only be a file");
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
