import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { parse } from "csv-parse/sync";
import { describe, expect, onTestFinished, test } from "vitest";
import { exportEvents } from "../../src/export/export-events.js";
import { startSandbox } from "../../src/sandbox/server.js";
import { newFolder, runCommand } from "../support/command.js";
import { day } from "../support/days.js";
import { eventList } from "../support/event-list.js";
import { startScriptedServer, text } from "../support/scripted-server.js";
import { readWorkbook } from "../support/workbook.js";

const key = "0123456789abcdef0123456789abcdef01234567";
const env = { SPARKPOST_API_KEY: key };
const midnight = Date.parse(`${day}T00:00:00Z`);

/** Events with much in them that CSV has to quote, and their texts, newest first. */
async function startDay(count: number, subject = `"\n",{}\u2028`) {
  const events = Array.from({ length: count }, (_, index) => ({
    type: index % 2 === 0 ? "click" : "open",
    event_id: String(index),
    subject: `${subject}${index}`,
    rcpt_to: `r${index}@example.com`,
    rcpt_meta: { order: { id: index } },
    timestamp: new Date(midnight + (count - index) * 20_000).toISOString(),
  }));
  const sandbox = await startSandbox({
    source: eventList(events),
    now: () => midnight + 2 * 864e5,
  });
  onTestFinished(() => sandbox.close());
  return { origin: sandbox.origin, texts: events.map((event) => JSON.stringify(event)) };
}

async function run(cwd: string, ...args: string[]) {
  const { code, stderr, stdout } = await runCommand(args, { cwd, env });
  return { code, stderr, stdout, files: (await readdir(cwd)).sort() };
}

const column = ["-p", "event_id, event AS json", "--no-escape-formulas"];

/** The texts of the events in files that have them in their second column. */
async function textsIn(cwd: string, ...names: string[]): Promise<(string | undefined)[]> {
  const files = await Promise.all(names.map((name) => readFile(join(cwd, name), "utf8")));
  return files.flatMap((csv) => {
    const [header, ...records]: string[][] = parse(csv);
    expect(header).toEqual(["event_id", "json"]);
    return records.map(([, json]) => json);
  });
}

describe("a column with the whole event", () => {
  const pretty = `{
    "type" : "click", "timestamp": "${day}T10:00:00.000Z",\r
    "big": 12345678901234567890, "price": 39.10, "text": "\\u00e9 \\/ \\n é \\u0000 \\ud83d",
    "b": ",=1", "a": [ 2, { } ], "event": { "a": "x" }, "subject": "${"Füße; ".repeat(3_400)}" }`;
  const plain = `{"z":1e5,"a":true,"a":false,"timestamp":"${day}T09:00:00.000Z","type":"open"}`;

  async function exported(...args: string[]) {
    const { origin } = await startScriptedServer([
      text(200, `{"results":[\n${pretty},\n${plain}\n],"total_count":2,"links":{}}`, {
        "content-type": "application/json",
      }),
    ]);
    const cwd = await newFolder();
    return run(cwd, day, "--host", origin, "--concurrency", "1", "-o", "-", ...args);
  }

  test("has it as it came, on one line, beside a property of that name", async () => {
    const list = 'type, event, "event" AS property, event.a';
    const { code, stdout, stderr } = await exported("-p", list, "--no-escape-formulas");
    expect({ code, stderr }).toMatchObject({ code: 0 });
    expect(parse(stdout)).toEqual([
      ["type", "event", "property", "event.a"],
      ["click", pretty.replaceAll(/[\r\n]/g, ""), '{"a":"x"}', "x"],
      ["open", plain, "", ""],
    ]);
    expect(stderr).toContain('warning: --properties: "event": did you mean event?');
    expect(stderr).toContain("event.a: SparkPost documents no such property.");
    expect(stderr.match(/warning/g)).toHaveLength(2);
  });

  test("has apostrophes where a spreadsheet would run a part of it", async () => {
    const { stdout, stderr } = await exported("-p", "event", "--excel");
    const escaped = pretty.replaceAll(/[\r\n]/g, "").replace(",=1", ",'=1");
    expect(parse(stdout, { bom: true })).toEqual([["event"], [escaped], [plain]]);
    expect(stderr).not.toContain("warning");
  });

  test("is in no *, and cannot be left out of it", async () => {
    const all = await exported("-p", "*");
    expect(all.code).toBe(0);
    expect(parse(all.stdout)[0]).not.toContain("event");
    const { code, stderr } = await exported("-p", "*, -event");
    expect(code).toBe(2);
    expect(stderr).toContain('"-event" leaves out the whole event, which is not in *.');
  });

  test("is meant where a file of that name is here", async () => {
    const { origin, texts } = await startDay(1);
    const cwd = await newFolder();
    await writeFile(join(cwd, "event"), "");
    const { stdout } = await run(cwd, day, "--host", origin, "-p", "event", "-o", "-", "-q");
    expect(parse(stdout)).toEqual([["event"], texts]);
  });

  test("is split by rows, and the same for any number of requests at once", async () => {
    const { origin, texts } = await startDay(230);
    const cwd = await newFolder();
    for (const concurrency of ["1", "4"]) {
      const args = ["--per-page", "50", "--split-rows", "100", "--concurrency", concurrency];
      const { code, files } = await run(
        cwd,
        ...[day, "--host", origin, "-o", "a.csv", "--force", ...column, ...args],
      );
      expect({ code, files }).toEqual({ code: 0, files: ["a-2.csv", "a-3.csv", "a.csv"] });
      expect(await textsIn(cwd, "a.csv", "a-2.csv", "a-3.csv")).toEqual(texts);
    }
  });

  test("is merged of the parts of a search whose lists are too long", async () => {
    const { origin, texts } = await startDay(400);
    const cwd = await newFolder();
    const asked = Array.from({ length: 400 }, (_, index) => index).filter((index) => index % 3 > 0);
    await writeFile(
      join(cwd, "list.txt"),
      asked.map((index) => `r${index}@example.com`).join("\n"),
    );
    const args = [day, "--host", origin, "--recipients", "@list.txt", "-o", "a.csv"];
    const { code, stderr } = await run(cwd, ...args, ...column);
    expect(code).toBe(0);
    expect(stderr).toContain("too long for one search");
    expect(await textsIn(cwd, "a.csv")).toEqual(asked.map((index) => texts[index]));
  });

  test("goes on after an interruption, and not as a property of that name", async () => {
    const { origin, texts } = await startDay(1_000);
    const cwd = await newFolder();
    const abort = new AbortController();
    await expect(
      exportEvents({
        connection: { apiKey: key, host: origin, signal: abort.signal },
        search: { from: new Date(midnight), to: new Date(midnight + 864e5), perPage: 50 },
        columns: ["event_id", { header: "json", path: [] }],
        format: { escapeFormulas: false },
        output: join(cwd, "a.csv"),
        onProgress: ({ events }) => events > 200 && abort.abort(new Error("enough")),
      }),
    ).rejects.toThrow("enough");
    const args = [day, "--host", origin, "--per-page", "50", "-o", "a.csv", "--resume"];
    const other = await run(
      cwd,
      ...[...args, "-p", 'event_id, "event" AS json', "--no-escape-formulas"],
    );
    expect(other.code).toBe(2);
    expect(other.stderr).toContain("the columns differs.");
    const { code, files } = await run(cwd, ...args, ...column);
    expect({ code, files }).toEqual({ code: 0, files: ["a.csv"] });
    expect(await textsIn(cwd, "a.csv")).toEqual(texts);
  });

  test("is a text in a workbook, cut where it is too long for a cell, which is said", async () => {
    for (const [subject, cut] of [
      ["=1,=2", false],
      ["=".repeat(40_000), true],
    ] as const) {
      const { origin, texts } = await startDay(3, subject);
      const cwd = await newFolder();
      const args = ["--host", origin, "-p", "event, event_id", "-o", "a.xlsx"];
      const { code, stderr } = await run(cwd, day, ...args);
      expect(code).toBe(0);
      expect(stderr.includes("32,767")).toBe(cut);
      const [sheet] = await readWorkbook(join(cwd, "a.xlsx"));
      expect(sheet?.rows.slice(1).map(([cell]) => cell)).toEqual(
        texts.map((one) => ({ kind: "text", value: one.slice(0, 32_767) })),
      );
    }
  });
});

describe("an archive with the whole event in a column", () => {
  const sync = (origin: string, ...list: string[]) => [
    ...["sync", "events", "--host", origin, "--days", "3", "--no-escape-formulas", ...list],
  ];

  test("is kept, verified, and not mixed with a property of that name", async () => {
    const { origin, texts } = await startDay(120);
    const cwd = await newFolder();
    const args = sync(origin, "-p", "event_id, event AS json");
    expect(await run(cwd, ...args)).toMatchObject({ code: 0 });
    const manifest = () => readFile(join(cwd, "events", "manifest.json"), "utf8");
    const before = await manifest();
    expect(JSON.parse(before).schema.columns).toEqual([
      { header: "event_id", path: ["event_id"] },
      { header: "json", path: [] },
    ]);
    expect(await textsIn(join(cwd, "events"), `${day}.csv`)).toEqual(texts);
    expect(await run(cwd, ...args)).toMatchObject({ code: 0 });
    expect(JSON.parse(await manifest()).files).toEqual(JSON.parse(before).files);
    expect(await run(cwd, "status", "events", "--verify")).toMatchObject({ code: 0 });
    const other = await run(cwd, ...sync(origin, "-p", 'event_id, "event", event AS json'));
    expect(other.code).toBe(2);
    expect(other.stderr).toContain(
      'columns: event_id, event AS json in the folder, event_id, "event", event AS json now',
    );
  });
});
