import { readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { describe, expect, onTestFinished, test } from "vitest";
import { exportEvents } from "../../src/export/export-events.js";
import { startSandbox } from "../../src/sandbox/server.js";
import { newFolder, runCommand, startCommand } from "../support/command.js";
import { day } from "../support/days.js";
import { eventList } from "../support/event-list.js";
import { startScriptedServer, text } from "../support/scripted-server.js";

const key = "0123456789abcdef0123456789abcdef01234567";
const env = { SPARKPOST_API_KEY: key };
const midnight = Date.parse(`${day}T00:00:00Z`);

/** Events whose text has line breaks and quotes in it, and the lines that they have to become. */
async function startDay(
  count: number,
  latency = 0,
  sent: (event: Record<string, unknown>) => object = (event) => event,
) {
  const events = Array.from({ length: count }, (_, index) => ({
    type: index % 2 === 0 ? "click" : "open",
    event_id: String(index),
    subject: `"\n",{${index}}\u2028`,
    rcpt_to: `r${index}@example.com`,
    rcpt_meta: { order: { id: index } },
    timestamp: new Date(midnight + (count - index) * 20_000).toISOString(),
  }));
  const lines = events.map((event) => `${JSON.stringify(sent(event))}\n`);
  const now = () => midnight + 2 * 864e5;
  const source = eventList(events);
  const json = (indices: Iterable<number>) => [
    Buffer.from([...indices].map((index) => JSON.stringify(sent(source.event(index)))).join(",")),
  ];
  const sandbox = await startSandbox({ source: { ...source, json }, latency, now });
  onTestFinished(() => sandbox.close());
  return { origin: sandbox.origin, lines, all: lines.join("") };
}

async function run(cwd: string, args: readonly string[]) {
  const result = await runCommand(args, { cwd, env });
  return { ...result, files: await readdir(cwd) };
}

async function filesIn(folder: string): Promise<string[]> {
  const paths = await readdir(folder, { recursive: true });
  return paths.filter((path) => !path.includes("lock")).sort();
}

function read(cwd: string, name: string): Promise<string> {
  return readFile(join(cwd, name)).then((bytes) =>
    (name.endsWith(".gz") ? gunzipSync(bytes) : bytes).toString(),
  );
}

describe("an export of JSON lines", () => {
  test("has each event as it came", async () => {
    const pretty = `{
      "type" : "click", "timestamp": "${day}T10:00:00.000Z",
      "big": 12345678901234567890, "price": 39.10, "text": "\\u00e9 \\/ \\n é",
      "b": 1, "a": [ 2, { } ], "new_property": null }`;
    const plain = `{"z":1e5,"a":true,"a":false,"timestamp":"${day}T09:00:00.000Z","type":"open"}`;
    const { origin } = await startScriptedServer([
      text(200, `{"results":[\n${pretty},\n${plain}\n],"total_count":2,"links":{}}`, {
        "content-type": "application/json",
      }),
    ]);
    const cwd = await newFolder();
    const { code, stderr } = await run(cwd, [
      ...[day, "--host", origin, "--concurrency", "1", "-o", "a.jsonl"],
    ]);
    expect({ code, stderr }).toMatchObject({ code: 0 });
    expect(await read(cwd, "a.jsonl")).toBe(`${pretty.replaceAll("\n", "")}\n${plain}\n`);
  });

  test.each([
    ["a.jsonl"],
    ["a.ndjson"],
    ["a.jsonl.gz"],
    ["A.NDJSON.GZ"],
    ["a.txt", "--format", "jsonl"],
    ["a.gz", "--format", "jsonl"],
  ])("goes by the name %s %s %s", async (name, ...more) => {
    const { origin, all } = await startDay(120);
    const cwd = await newFolder();
    const args = [day, "--host", origin, "--per-page", "50", "-o", name, ...more];
    const { code, files } = await run(cwd, args);
    expect({ code, files }).toEqual({ code: 0, files: [name] });
    const bytes = await readFile(join(cwd, name));
    expect((/gz$/i.test(name) ? gunzipSync(bytes) : bytes).toString()).toBe(all);
  });

  test("has a name of its own, and goes to a pipe", async () => {
    const { origin, all } = await startDay(30);
    const cwd = await newFolder();
    const named = await run(cwd, [day, "--host", origin, "--format", "jsonl"]);
    expect(named.files).toEqual([`sparkpost-events_${day}_${day}.jsonl`]);
    const piped = await run(cwd, [day, "--host", origin, "--format", "jsonl", "-o", "-", "-q"]);
    expect(piped).toMatchObject({ code: 0, stdout: all });
  });

  test("goes by Format in the ini file, unless the file's name says something else", async () => {
    const { origin, all } = await startDay(30);
    const cwd = await newFolder();
    const ini = `[SparkPost]\nHost = ${origin}\nFormat = jsonl\nProperties = type\nExcel = yes\nCsvDelimiter = ;\n`;
    await writeFile(join(cwd, "sparkpost.ini"), ini);
    expect((await run(cwd, [day, "-o", "-", "-q"])).stdout).toBe(all);
    expect(await run(cwd, [day, "-o", "a.csv"])).toMatchObject({ code: 0 });
    expect((await read(cwd, "a.csv")).startsWith('\ufeff"type"\r\n')).toBe(true);
    const csv = await run(cwd, [day, "--format", "csv", "--no-excel", "-o", "-", "-q"]);
    expect(csv.stdout.slice(0, 11)).toBe("type\nclick\n");
  });

  test("of no event is an empty file, and an empty gzip file", async () => {
    const { origin } = await startDay(10);
    const cwd = await newFolder();
    for (const name of ["a.jsonl", "a.jsonl.gz"]) {
      const args = [day, "--host", origin, "--events", "bounce", "-q", "-o", name];
      expect(await run(cwd, args)).toMatchObject({ code: 0 });
      expect(await read(cwd, name)).toBe("");
    }
    expect((await readFile(join(cwd, "a.jsonl.gz"))).length).toBeGreaterThan(0);
  });

  test("has only what filters leave", async () => {
    const { origin, lines } = await startDay(60);
    const cwd = await newFolder();
    const { stdout } = await run(cwd, [
      ...[day, "--host", origin, "--events", "open", "--format", "jsonl", "-o", "-", "-q"],
    ]);
    expect(stdout).toBe(lines.filter((_, index) => index % 2 === 1).join(""));
  });

  test.each(["a.jsonl", "a.jsonl.gz"])(
    "is split into files that make the whole one, %s",
    async (name) => {
      const { origin, lines, all } = await startDay(230);
      const cwd = await newFolder();
      const args = ["--host", origin, "--per-page", "50", "-o", name];
      const { code, files } = await run(cwd, [day, ...args, "--split-rows", "100"]);
      const names = [1, 2, 3].map((number) =>
        name.replace("a", number === 1 ? "a" : `a-${number}`),
      );
      expect({ code, files: files.sort() }).toEqual({ code: 0, files: names.toSorted() });
      const texts = await Promise.all(names.map((one) => read(cwd, one)));
      expect(texts[1]).toBe(lines.slice(100, 200).join(""));
      expect(texts.join("")).toBe(all);
      // What is left of a longer export goes, and somebody else's file stays.
      await writeFile(join(cwd, name.replace("a", "a-4")), "mine");
      const again = await run(cwd, [day, ...args, "--split-rows", "200", "--force"]);
      expect(again.files.sort()).toEqual([names[0], names[1], name.replace("a", "a-4")].toSorted());
    },
  );

  test("takes files of a longer export away, and no other JSON", async () => {
    const { origin } = await startDay(30);
    const cwd = await newFolder();
    const exportSplit = (rows: string) =>
      run(cwd, [day, "--host", origin, "-o", "a.jsonl", "--split-rows", rows, "--force"]);
    await exportSplit("10");
    await writeFile(join(cwd, "a-4.jsonl"), '{"name":"my own notes"}\n');
    const { code, files, stderr } = await exportSplit("100");
    expect({ code, files }).toEqual({ code: 0, files: ["a-4.jsonl", "a.jsonl"] });
    expect(stderr).toContain("removed");
  });

  test.each([["a.jsonl"], ["a.jsonl.gz"], ["a.jsonl", "--split-rows", "300"]])(
    "goes on after a kill: %s %s %s",
    async (name, ...more) => {
      const { origin, all } = await startDay(1_000, 10);
      const cwd = await newFolder();
      const args = [day, "--host", origin, "--per-page", "50", "-o", name, ...more];
      const journal = join(cwd, `${name}.partial`, "journal");
      const pagesOnRecord = async () =>
        (await readFile(journal, "utf8").catch(() => "")).match(/"type":"page"/g)?.length ?? 0;
      const killed = startCommand(args, { cwd, env });
      while ((await pagesOnRecord()) < 5) {
        expect(killed.process.exitCode).toBeNull();
        await new Promise((resolve) => setTimeout(resolve, 5));
      }
      killed.process.kill("SIGKILL");
      await killed.finished;
      const { code, stderr, files } = await run(cwd, [...args, "--resume"]);
      expect(code).toBe(0);
      expect(stderr).toMatch(/resumed|earlier|before|there/);
      const texts = await Promise.all(
        files.sort((a, b) => a.length - b.length || (a < b ? -1 : 1)).map((one) => read(cwd, one)),
      );
      expect(texts.join("")).toBe(all);
    },
  );

  test("does not go on with CSV, nor CSV with it", async () => {
    const { origin } = await startDay(1_000, 10);
    const cwd = await newFolder();
    const args = [day, "--host", origin, "--per-page", "50", "-o", "a.txt"];
    const abort = new AbortController();
    await expect(
      exportEvents({
        connection: { apiKey: key, host: origin, signal: abort.signal },
        search: { from: new Date(midnight), to: new Date(midnight + 864e5), perPage: 50 },
        output: join(cwd, "a.txt"),
        onProgress: ({ events }) => events > 200 && abort.abort(new Error("enough")),
      }),
    ).rejects.toThrow("enough");
    const other = await run(cwd, [...args, "--format", "jsonl", "--resume"]);
    expect(other.code).toBe(2);
    expect(other.stderr).toContain("the format of the records");
    expect(await run(cwd, [...args, "--format", "jsonl", "--force", "-q"])).toMatchObject({
      code: 0,
      files: ["a.txt"],
    });
  });

  test("is merged of the parts of a search whose lists are too long", async () => {
    const { origin, lines } = await startDay(400);
    const cwd = await newFolder();
    const asked = Array.from({ length: 400 }, (_, index) => index).filter((index) => index % 3 > 0);
    await writeFile(
      join(cwd, "list.txt"),
      asked.map((index) => `r${index}@example.com`).join("\n"),
    );
    const args = [day, "--host", origin, "--recipients", "@list.txt", "-o", "a.jsonl.gz"];
    const { code, stderr } = await run(cwd, args);
    expect(code).toBe(0);
    expect(stderr).toContain("too long for one search");
    expect(await read(cwd, "a.jsonl.gz")).toBe(asked.map((index) => lines[index]).join(""));
  });

  test("is merged in the order of its events, whatever some have as their timestamp", async () => {
    const odd: readonly unknown[] = [{ toString: 1 }, ["2026-01-01T00:00:00Z"], null, {}, 7, false];
    const { origin, all } = await startDay(240, 0, (event) => {
      const index = Number(event.event_id);
      return index % 9 === 0 ? { ...event, timestamp: odd[(index / 9) % odd.length] } : event;
    });
    const cwd = await newFolder();
    const asked = Array.from({ length: 240 }, (_, index) => `r${index}@example.com`);
    await writeFile(join(cwd, "list.txt"), asked.join("\n"));
    const args = [day, "--host", origin, "--recipients", "@list.txt", "-o", "a.jsonl"];
    const { code, stderr } = await run(cwd, args);
    expect({ code, stderr }).toMatchObject({ code: 0 });
    expect(stderr).toContain("too long for one search");
    expect((await read(cwd, "a.jsonl")).split("\n").sort()).toEqual(all.split("\n").sort());
    expect(await run(cwd, [...args, "-p", "event_id", "-o", "a.csv"])).toMatchObject({ code: 0 });
    const ids = (await read(cwd, "a.jsonl")).match(/(?<="event_id":")\d+/g);
    expect((await read(cwd, "a.csv")).trimEnd().split("\n").slice(1)).toEqual(ids);
  });

  test.each([
    [["--format", "jsonl", "-o", "x.csv"], "--format jsonl: x.csv is the name of another format."],
    [["--format", "csv", "-o", "x.ndjson"], "write a name that ends in .csv."],
    [["--format", "jsonl", "-o", "x.xlsx"], "write a name that ends in .jsonl."],
    [["--format", "csv", "-o", "x.xlsx"], "--format csv: x.xlsx is the name of another format."],
    [["-o", "x.json"], "Write x.jsonl for an event per line, or x.csv."],
    [["-o", "x.jsonl", "-p", "type"], "--properties is for CSV: a line has the whole event."],
    [["-o", "x.jsonl.gz", "--excel"], "write a CSV: --out x.csv.gz"],
    [["--format", "jsonl", "--csv-delimiter", "tab"], "write a CSV: --format csv"],
    [["--format", "jsonl", "--no-escape-formulas"], "--escape-formulas is for CSV"],
    [["-o", "x.ndjson", "--timestamp-format", "epoch"], "times stay as SparkPost sends them"],
    [["--format", "xml"], 'there is no format "xml".'],
  ])("is not asked for with %j", async (args, message) => {
    const cwd = await newFolder();
    const { code, stderr, files } = await run(cwd, [day, "--host", "http://127.0.0.1:9", ...args]);
    expect({ code, files }).toEqual({ code: 2, files: [] });
    expect(stderr.replaceAll(/\s+/g, " ")).toContain(message);
  });
});

describe("an archive of JSON lines", () => {
  const sync = (origin: string, ...more: string[]) => [
    ...["sync", "events", "--host", origin, "--days", "3", "--format", "jsonl", ...more],
  ];

  test.each([
    [[], `${day}.jsonl`],
    [["--gzip"], `${day}.jsonl.gz`],
    [["--layout", "hive", "--no-gzip"], `date=${day}/events.jsonl`],
    [["--layout", "hive"], `date=${day}/events.jsonl.gz`],
  ])("is kept with %j", async (more, path) => {
    const { origin, all } = await startDay(120);
    const cwd = await newFolder();
    expect(await run(cwd, sync(origin, ...more))).toMatchObject({ code: 0 });
    expect(await read(join(cwd, "events"), path)).toBe(all);
    const before = await filesIn(join(cwd, "events"));
    expect(await run(cwd, sync(origin, ...more))).toMatchObject({ code: 0 });
    expect(await filesIn(join(cwd, "events"))).toEqual(before);
    const good = await run(cwd, ["status", "events", "--verify"]);
    expect(good).toMatchObject({ code: 0 });
    expect(good.stdout).toContain("120");
  });

  test("notices what is damaged, and takes up its files where the manifest is lost", async () => {
    const { origin, all } = await startDay(120);
    const cwd = await newFolder();
    const folder = join(cwd, "events");
    await run(cwd, sync(origin));
    for (const manifest of ["manifest.json", ".sync/manifest.json"]) {
      await rm(join(folder, manifest));
    }
    const adopted = await run(cwd, sync(origin));
    expect(adopted).toMatchObject({ code: 0 });
    expect(JSON.parse(await read(folder, "manifest.json"))).toMatchObject({
      schema: { records: "jsonl", columns: [], format: {} },
      files: { [`${day}.jsonl`]: { rows: 120 } },
    });
    await writeFile(join(folder, `${day}.jsonl`), all.replace("r7@", "r8@"));
    expect((await run(cwd, ["status", "events", "--verify"])).code).not.toBe(0);
    expect(await run(cwd, sync(origin))).toMatchObject({ code: 0 });
    expect(await read(folder, `${day}.jsonl`)).toBe(all);
  });

  test("is not mixed with CSV, but for a generation of its own", async () => {
    const { origin } = await startDay(20);
    const cwd = await newFolder();
    const csv = ["sync", "events", "--host", origin, "--days", "3"];
    expect(await run(cwd, csv)).toMatchObject({ code: 0 });
    const manifest = await read(join(cwd, "events"), "manifest.json");
    expect(manifest).not.toContain("records");
    const mixed = await run(cwd, sync(origin));
    expect(mixed.code).toBe(2);
    expect(mixed.stderr).toContain("format: csv in the folder, jsonl now");
    expect(mixed.stderr).not.toContain("columns:");
    expect(await read(join(cwd, "events"), "manifest.json")).toBe(manifest);
    expect(await run(cwd, sync(origin, "--new-schema"))).toMatchObject({ code: 0 });
    expect(await filesIn(join(cwd, "events", "2"))).toContain("manifest.json");
  });

  test("takes no options of CSV", async () => {
    const cwd = await newFolder();
    const { code, stderr } = await run(cwd, sync("http://127.0.0.1:9", "-p", "type"));
    expect(code).toBe(2);
    expect(stderr).toContain("--properties is for CSV");
  });
});
