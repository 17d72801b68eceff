import { readdir, readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { parse } from "csv-parse/sync";
import { describe, expect, onTestFinished, test } from "vitest";
import { eventProperties, eventSamples } from "../../src/catalog/event-catalog.js";
import { stringifyJson } from "../../src/sandbox/json-text.js";
import { startSandbox } from "../../src/sandbox/server.js";
import { awkwardEvents, drawText } from "../support/awkward-events.js";
import { newFolder, runCommand, startCommand } from "../support/command.js";
import { day } from "../support/days.js";
import { eventList } from "../support/event-list.js";
import { readTable } from "../support/parquet.js";
import { randomNumbers, seed } from "../support/random-numbers.js";
import { startScriptedServer, text } from "../support/scripted-server.js";

const env = { SPARKPOST_API_KEY: "0123456789abcdef0123456789abcdef01234567" };
const midnight = Date.parse(`${day}T00:00:00Z`);

/** Events that are sent with these characters. */
async function serve(texts: readonly string[]) {
  const events = texts.map((text) => JSON.parse(text) as Record<string, unknown>);
  const sent = new Map(events.map((event, index) => [event, texts[index] ?? ""]));
  const source = eventList(events);
  const json = (indices: Iterable<number>) => [
    Buffer.from([...indices].map((index) => sent.get(source.event(index))).join(",")),
  ];
  const now = () => midnight + 36 * 36e5;
  const sandbox = await startSandbox({ source: { ...source, json }, latency: 0, now });
  onTestFinished(() => sandbox.close());
  return sandbox.origin;
}

function eventsOf(count: number, more: (index: number) => object = () => ({})): string[] {
  return Array.from({ length: count }, (_, index) =>
    JSON.stringify({
      type: index % 3 === 0 ? "click" : "delivery",
      event_id: String(index),
      timestamp: new Date(midnight + (index % 1_000) * 60_000).toISOString(),
      ...more(index),
    }),
  );
}

async function run(cwd: string, args: readonly string[]) {
  const result = await runCommand(args, { cwd, env });
  return { ...result, files: await readdir(cwd) };
}

/** What events say that are hard to keep apart: for readers of text, of JSON, and of types. */
function hostileTexts(): string[] {
  const draw = randomNumbers(seed);
  const forged = `\n\u0001x\u0001${",".repeat(80)}\n`.repeat(40);
  const odd: readonly object[] = [
    { subject: "", rcpt_meta: {}, rcpt_tags: [] },
    { subject: forged },
    { subject: `${forged}${'a long subject with "quotes", 😀 and\r\n'.repeat(600)}` },
    { subject: "\u0000\u0001\ufeff", campaign_id: "\u0001", reason: "\u0001\u0001," },
    { subject: "\ud83d", campaign_id: "\ude00a", rcpt_meta: { a: "\ud83d" } },
    { customer_id: 1.5, subaccount_id: "007", sms_segments: 9223372036854775807n },
    { customer_id: 9223372036854775808n, subaccount_id: "-12", sms_segments: -0 },
    { customer_id: "1e3", subaccount_id: [1], sms_segments: true },
    { amp_enabled: "true", click_tracking: 1, initial_pixel: "yes", open_tracking: "" },
    { geo_ip: "nowhere", rcpt_meta: "{not JSON", rcpt_tags: '["as text"]', rcpt_subs: 7 },
    { geo_ip: { latitude: 52.4973, n: 12345678901234567890n }, rcpt_subs: { "a\u0000": [null] } },
    { injection_time: "soon", scheduled_time: "1588348800" },
    { injection_time: "2026-11-19T01:02:03.123456+05:30", scheduled_time: 1588348800 },
    { injection_time: "1969-12-31T23:59:59.999Z", scheduled_time: "2026-02-30T00:00:00.000Z" },
    { injection_time: "9999-12-30T00:00:00.001Z", scheduled_time: "1970-01-01T00:00:00.001Z" },
    { type: 5, subject: { a: 1 }, reason: false, campaign_id: 39.1, template_id: null },
    { new_property: "of next year", event: "a property of this name" },
  ];
  const awkward = awkwardEvents(draw, 300, midnight + 12 * 36e5).map(({ text }) => text);
  const drawn = odd.map((says, index) =>
    stringifyJson({
      type: "delivery",
      timestamp: new Date(midnight + index * 1_001).toISOString(),
      event_id: `odd ${index}`,
      reason: drawText(draw),
      ...says,
    }),
  );
  const samples = eventSamples.map((event, index) =>
    JSON.stringify({
      ...event,
      timestamp: new Date(midnight + 3e6 + index).toISOString(),
      event_id: `sample ${index}`,
    }),
  );
  return [...awkward, ...drawn, ...samples];
}

/** What a column should have, told from the field that plain CSV has for it. */
function typed(name: string, field: string): unknown {
  if (field === "") {
    return null;
  }
  if (["timestamp", "injection_time", "scheduled_time"].includes(name)) {
    const time = /^\d{4}-\d\d-\d\dT[\d:]{8}\.\d{3}Z$/.test(field) ? Date.parse(field) : Number.NaN;
    // JavaScript takes 30 February for 2 March.
    return Number.isNaN(time) || new Date(time).toISOString() !== field ? null : time;
  }
  switch (eventProperties[name]?.json_type) {
    case "integer":
      return String(BigInt.asIntN(64, toBigInt(field))) === field ? BigInt(field) : null;
    case "boolean":
      return ["true", "false"].includes(field) ? field === "true" : null;
    case "object":
    case "array":
      return isJson(field) ? field : null;
    default:
      return field;
  }
}

function toBigInt(text: string): bigint {
  return /^-?\d+$/.test(text) ? BigInt(text) : 0n;
}

function isJson(text: string): boolean {
  try {
    const value: unknown = JSON.parse(text);
    // A surrogate alone is no character, and databases do not read JSON with one.
    return (
      typeof value === "object" && value !== null && !/\\ud[89a-f]/i.test(JSON.stringify(value))
    );
  } catch {
    return false;
  }
}

describe("a Parquet file", () => {
  test(`has each value that CSV and JSON lines have, of whatever texts (SEED=${seed})`, async () => {
    const texts = hostileTexts();
    const cwd = await newFolder();
    const args = [day, "--host", await serve(texts), "--per-page", "40", "-q"];
    const plain = ["-p", "*", "--no-escape-formulas", "-o", "a.csv"];
    for (const more of [["-o", "a.parquet"], ["-o", "a.jsonl"], plain]) {
      const { code, stderr } = await run(cwd, [...args, ...more]);
      expect({ code, stderr }).toMatchObject({ code: 0 });
    }
    const { rows } = await readTable(join(cwd, "a.parquet"));
    const lines = (await readFile(join(cwd, "a.jsonl"), "utf8")).split("\n").slice(0, -1);
    expect(rows.map(({ event }) => event)).toEqual(lines);
    expect(rows.length).toBeGreaterThan(200);

    const records = parse(await readFile(join(cwd, "a.csv")), { columns: true });
    const expected = (records as Record<string, string>[]).map((record, index) => ({
      ...Object.fromEntries(
        Object.entries(record).map(([name, field]) => [name, typed(name, field)]),
      ),
      // CSV does not tell an empty text from none.
      ...emptyTexts(JSON.parse(lines[index] ?? "")),
      event: lines[index],
    }));
    const found = rows.map((row) =>
      Object.fromEntries(
        Object.entries(row).map(([name, value]) => [
          name,
          value instanceof Date ? value.getTime() : value,
        ]),
      ),
    );
    expect(found).toEqual(expected);
    // It would be worth little where all values of a column were null.
    const always = Object.keys(eventProperties).filter((name) =>
      found.every((row) => row[name] === null),
    );
    expect(always).toEqual([]);
  });

  test("has the types that SparkPost documents, statistics, and zstd", async () => {
    const cwd = await newFolder();
    const origin = await serve(eventsOf(50));
    const { code } = await run(cwd, [day, "--host", origin, "-o", "a.parquet"]);
    expect(code).toBe(0);
    const { types, codecs, withoutStatistics, groups } = await readTable(join(cwd, "a.parquet"));
    const utf8 = "BYTE_ARRAY UTF8";
    const kinds: Readonly<Record<string, string>> = { integer: "INT64 INT_64", boolean: "BOOLEAN" };
    const time = "INT64 TIMESTAMP_MICROS UTC";
    expect(Object.fromEntries(types)).toEqual({
      ...Object.fromEntries(
        Object.entries(eventProperties).map(([name, { json_type }]) => [
          name,
          kinds[json_type] ?? utf8,
        ]),
      ),
      ...{ timestamp: time, injection_time: time, scheduled_time: time },
      event: utf8,
    });
    expect([...types.keys()].at(-1)).toBe("event");
    expect({ codecs, withoutStatistics, groups }).toEqual({
      codecs: new Set(["ZSTD"]),
      withoutStatistics: [],
      groups: [50],
    });
  });

  test("has the columns that are asked for, by their names", async () => {
    const cwd = await newFolder();
    const origin = await serve(
      eventsOf(3, (n) => ({ rcpt_meta: { "a b": { n } }, odd: n === 1 ? "" : [n] })).concat(
        stringifyJson({ type: "open", timestamp: `${day}T20:00:00Z`, event_id: "without" }),
      ),
    );
    const columns = 'timestamp AS "at, UTC", rcpt_meta."a b".n AS """n""", odd, rcpt_meta.toString';
    const args = [day, "--host", origin, "-p", columns, "-o", "a.parquet"];
    expect(await run(cwd, args)).toMatchObject({ code: 0 });
    const { rows, types } = await readTable(join(cwd, "a.parquet"));
    expect(types.get("at, UTC")).toBe("INT64 TIMESTAMP_MICROS UTC");
    expect(rows.map((row) => [row['"n"'], row.odd, row["rcpt_meta.toString"]])).toEqual([
      [null, null, null],
      ["2", "[2]", null],
      ["1", "", null],
      ["0", "[0]", null],
    ]);
  });

  test("of one column has null, and the empty text", async () => {
    const cwd = await newFolder();
    const origin = await serve(
      eventsOf(3, (n) => (n === 0 ? {} : { subject: n === 1 ? "" : "\n" })),
    );
    const args = [day, "--host", origin, "-p", "subject", "-o", "a.pq"];
    expect(await run(cwd, args)).toMatchObject({ code: 0, files: ["a.pq"] });
    const { rows } = await readTable(join(cwd, "a.pq"));
    expect(rows).toEqual([{ subject: "\n" }, { subject: "" }, { subject: null }]);
  });

  test("of no event has its columns", async () => {
    const cwd = await newFolder();
    const origin = await serve(eventsOf(3));
    const args = [day, "--host", origin, "--events", "bounce", "-q", "-o", "a.parquet"];
    expect(await run(cwd, args)).toMatchObject({ code: 0 });
    const { rows, types } = await readTable(join(cwd, "a.parquet"));
    expect(rows).toEqual([]);
    expect(types.size).toBe(Object.keys(eventProperties).length + 1);
  });

  test("has events in their order over many row groups, whatever their size", {
    timeout: 120_000,
  }, async () => {
    const cwd = await newFolder();
    const draw = randomNumbers(seed);
    const long = () => Array.from({ length: 2_000 }, () => draw(1e9).toString(36)).join("-");
    // Beyond what DuckDB is given at first, in a record and in all.
    const origin = await serve(
      eventsOf(7_000, (n) => ({ subject: n === 500 ? long().repeat(160) : n % 2 ? long() : "" })),
    );
    for (const out of ["a.parquet", "a.jsonl"]) {
      const args = [day, "--host", origin, "--per-page", "500", "-q", "-o", out];
      const { code, stderr } = await run(cwd, args);
      expect({ code, stderr }).toMatchObject({ code: 0 });
    }
    const { rows, groups } = await readTable(join(cwd, "a.parquet"));
    const lines = (await readFile(join(cwd, "a.jsonl"), "utf8")).split("\n").slice(0, -1);
    expect(groups.length).toBeGreaterThan(1);
    expect(rows.map(({ event_id }) => event_id)).toEqual(
      lines.map((line) => JSON.parse(line).event_id),
    );
    expect(rows.every(({ event }, index) => event === lines[index])).toBe(true);
  });

  test("goes on after a kill while it was made", async () => {
    const cwd = await newFolder();
    const origin = await serve(eventsOf(20_000, (n) => ({ subject: `subject ${n}` })));
    const args = [day, "--host", origin, "-o", "a.parquet"];
    const killed = startCommand(args, { cwd, env });
    const made = join(cwd, "a.parquet.partial", "converted");
    while (
      !(await stat(made).then(
        () => true,
        () => false,
      ))
    ) {
      expect(killed.process.exitCode).toBeNull();
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
    killed.process.kill("SIGKILL");
    await killed.finished;
    expect(await readdir(cwd)).toEqual(["a.parquet.partial"]);
    const { code, stderr, files } = await run(cwd, [...args, "--resume"]);
    expect({ code, files }).toEqual({ code: 0, files: ["a.parquet"] });
    expect(stderr).toMatch(/resumed|earlier|before|there/);
    expect((await readTable(join(cwd, "a.parquet"))).rows.length).toBe(20_000);
  });

  test("has a name of its own, which Format in the ini file gives it too", async () => {
    const origin = await serve(eventsOf(5));
    const name = `sparkpost-events_${day}_${day}.parquet`;
    for (const [ini, option] of [
      ["", ["--format", "parquet"]],
      ["Format = parquet\nSplitRows = 2\nGzip = yes\n", []],
    ] as const) {
      const cwd = await newFolder();
      await writeFile(join(cwd, "a.ini"), `[SparkPost]\n${ini}`);
      const { code, files } = await run(cwd, [day, "--host", origin, "-c", "a.ini", ...option]);
      expect({ code, files }).toEqual({ code: 0, files: ["a.ini", name] });
      expect((await readTable(join(cwd, name))).rows.length).toBe(5);
    }
  });

  test("has what arrived where that is not all, and says so in its name", async () => {
    const events = eventsOf(3).reverse();
    const page = `{"results":[${events}],"total_count":4,"links":{}}`;
    const headers = { "content-type": "application/json" };
    const { origin } = await startScriptedServer(
      Array.from({ length: 9 }, () => text(200, page, headers)),
    );
    const cwd = await newFolder();
    const { code, files } = await run(cwd, [day, "--host", origin, "-o", "a.parquet"]);
    expect({ code, files }).toEqual({ code: 5, files: ["a.parquet.incomplete"] });
    const { rows } = await readTable(join(cwd, "a.parquet.incomplete"));
    expect(rows.map(({ event }) => event)).toEqual(events);
  });

  test("is readable for whom other files are", async () => {
    const cwd = await newFolder();
    const origin = await serve(eventsOf(3));
    for (const out of ["a.parquet", "a.csv"]) {
      expect(await run(cwd, [day, "--host", origin, "-o", out])).toMatchObject({ code: 0 });
    }
    const [parquet, csv] = await Promise.all(
      ["a.parquet", "a.csv"].map(async (name) => (await stat(join(cwd, name))).mode),
    );
    expect(parquet).toBe(csv);
  });
});

function emptyTexts(event: Record<string, unknown>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(event)
      .filter(
        ([name, value]) =>
          value === "" &&
          eventProperties[name]?.json_type === "string" &&
          !/_time$|^timestamp$/.test(name),
      )
      .map(([name]) => [name, ""]),
  );
}

describe("what has no meaning for Parquet is refused before any request", () => {
  const host = ["--host", "http://127.0.0.1:9"];
  test.each([
    [[day, "-o", "a.parquet", "--csv-delimiter", "tab"], "--csv-delimiter is for CSV"],
    [[day, "-o", "a.parquet", "--timestamp-format", "raw"], "--timestamp-format is for CSV"],
    [[day, "-o", "a.parquet", "--excel"], "--excel is for CSV"],
    [[day, "-o", "a.parquet", "--split-rows", "5"], "--split-rows is for CSV"],
    [[day, "-o", "a.parquet", "--no-escape-formulas"], "--escape-formulas is for CSV"],
    [[day, "-o", "a.csv", "--format", "parquet"], "is the name of another format"],
    [[day, "-o", "a.txt", "--format", "parquet"], "is the name of another format"],
    [[day, "-o", "a.parquet", "--format", "csv"], "is the name of another format"],
    [[day, "-o", "-", "--format", "parquet"], "Parquet can only be a file"],
    [[day, "-o", "a.parquet.gz"], "compressed within"],
    [[day, "-o", "a.parquet", "-p", "subject, Subject"], "could not tell the column"],
    [["sync", "--format", "parquet", "--gzip"], "--gzip is for CSV"],
    [["sync", "--format", "parquet", "--excel"], "--excel is for CSV"],
    [["sync", "--format", "parquet", "-p", "type AS Date"], "from the folder date=…"],
    [["sync", "--to", "a.duckdb", "--format", "parquet"], "--format is for files"],
  ])("%j", async (args, message) => {
    const cwd = await newFolder();
    const { code, stderr, files } = await run(cwd, [...args, ...host]);
    expect({ code, files }).toEqual({ code: 2, files: [] });
    expect(stderr).toContain(message);
    expect(stderr).not.toMatch(/^\s+at /m);
  });

  test.each([[[day, "-o", "a.parquet"]], [["sync", "--format", "parquet"]]])(
    "%j without DuckDB says what to type",
    async (args) => {
      const cwd = await newFolder();
      const absent = new URL("../support/absent-packages.js", import.meta.url).href;
      const { code, stderr } = await startCommand([...args, ...host], {
        cwd,
        env,
        nodeOptions: ["--import", absent],
      }).finished;
      expect({ code, files: await readdir(cwd) }).toEqual({ code: 2, files: [] });
      expect(stderr).toContain("Parquet needs a package that is not installed.");
      expect(stderr).toContain("npm install @duckdb/node-api");
    },
  );
});
