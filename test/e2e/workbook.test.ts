import { execFileSync } from "node:child_process";
import { mkdir, readdir, readFile, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { isDeepStrictEqual } from "node:util";
import { readXlsx } from "hucre/xlsx";
import { describe, expect, onTestFinished, test } from "vitest";
import type { EventSource } from "../../src/sandbox/event-source.js";
import { generateEvents } from "../../src/sandbox/generated-events.js";
import { startSandbox } from "../../src/sandbox/server.js";
import { type CommandOptions, newFolder, runCommand } from "../support/command.js";
import { eventList } from "../support/event-list.js";
import { expectedCell } from "../support/event-workbook.js";
import { randomNumbers, seed } from "../support/random-numbers.js";
import { json, page, startScriptedServer } from "../support/scripted-server.js";
import { readWorkbook, type WorkbookCell } from "../support/workbook.js";

const key = "0123456789abcdef0123456789abcdef01234567";
/** Clocks in Berlin had gone back two days before, at 01:00 UTC. */
const now = Date.parse("2026-10-27T12:00:00Z");
/** What is earlier is not asked for. */
const start = Date.parse("2026-10-18T14:00:00Z");
const berlin = "Europe/Berlin";

class Bench {
  private constructor(
    readonly cwd: string,
    readonly origin: string,
  ) {}

  static async start(source: EventSource): Promise<Bench> {
    const sandbox = await startSandbox({ source, now: () => now });
    onTestFinished(() => sandbox.close());
    return new Bench(await newFolder(), sandbox.origin);
  }

  run(args: readonly string[], more: Partial<CommandOptions> = {}) {
    const env = { SPARKPOST_API_KEY: key, CLOCK: new Date(now).toISOString(), ...more.env };
    const all = [
      "2026-10-18T14:00Z",
      "2026-10-27T12:00Z",
      "--host",
      this.origin,
      "-z",
      berlin,
      ...args,
    ];
    return runCommand(all, { cwd: this.cwd, launcher: "dated", ...more, env });
  }

  async export(...args: string[]): Promise<string> {
    const { code, stderr } = await this.run([...args, "-o", "a.xlsx"]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: expect.stringContaining("in a.xlsx (") });
    return stderr;
  }

  path(name: string): string {
    return join(this.cwd, name);
  }
}

const event = (more: Record<string, unknown>, index = 0) => ({
  type: "click",
  timestamp: new Date(now - 3_600_000 - index).toISOString(),
  ...more,
});

/** The cells of one column, below the header. */
async function columnOf(path: string, column = 0): Promise<(WorkbookCell | undefined)[]> {
  const [sheet] = await readWorkbook(path);
  return (sheet?.rows ?? []).slice(1).map((row) => row[column]);
}

describe("a workbook", () => {
  const columns = [
    ..."timestamp,type,event_id,rcpt_to,injection_time,scheduled_time,msg_size".split(","),
    ..."num_retries,queue_time,bounce_class,error_code,template_version,subject".split(","),
    ..."customer_id,open_tracking,rcpt_meta,rcpt_tags,geo_ip,sms_dst,user_agent".split(","),
  ];

  test("has every property of every event in a cell of its kind, by two readers", async () => {
    const source = generateEvents({ events: 4_000, seed: 11, now });
    const bench = await Bench.start(source);
    await bench.export("-p", columns.join(), "--per-page", "700");
    const [sheet, ...others] = await readWorkbook(bench.path("a.xlsx"));
    expect(others).toEqual([]);
    const events = Array.from({ length: source.length }, (_, index) => source.event(index)).filter(
      ({ timestamp }) => Date.parse(String(timestamp)) >= start,
    );
    expect(events.length).toBeGreaterThan(3_000);
    expect(sheet?.rows.length).toBe(events.length + 1);
    expect(sheet?.rows[0]).toEqual(columns.map((value) => ({ kind: "text", value })));
    const workbook = await readXlsx(await readFile(bench.path("a.xlsx")));
    const secondRows = workbook.sheets[0]?.rows ?? [];
    expect(secondRows.length).toBe(events.length + 1);
    const kinds = new Map<string, number>();
    const wrong: object[] = [];
    for (const [index, each] of events.entries()) {
      for (const [column, property] of columns.entries()) {
        const expected = expectedCell(property, each[property], berlin);
        kinds.set(expected?.kind ?? "blank", (kinds.get(expected?.kind ?? "blank") ?? 0) + 1);
        const cell = sheet?.rows[index + 1]?.[column];
        const second = secondRows[index + 1]?.[column] ?? undefined;
        if (
          !isDeepStrictEqual(cell, expected) ||
          !isDeepStrictEqual(second, asJavaScript(expected))
        ) {
          wrong.push({ index, property, sent: each[property], expected, cell, second });
        }
      }
    }
    expect(wrong.slice(0, 5)).toEqual([]);
    // Nothing that is to be compared was missing.
    for (const kind of ["text", "number", "date", "boolean", "blank"]) {
      expect(kinds.get(kind), kind).toBeGreaterThan(500);
    }
  });

  function asJavaScript(cell: WorkbookCell | undefined): unknown {
    return cell?.kind === "date"
      ? new Date(`${cell.value}Z`)
      : cell?.kind === "number"
        ? Number(cell.value)
        : cell?.value;
  }

  test("shows the clock of the zone, where clocks go back too", async () => {
    const start = Date.parse("2026-10-24T23:30:59.999Z");
    const times = [0, 1, 2, 3, 4, 5].map((half) => new Date(start + half * 1_800_000));
    const bench = await Bench.start(
      eventList(times.map((time) => event({ timestamp: time.toISOString() }))),
    );
    await bench.export("-p", "timestamp");
    const clocks = (await columnOf(bench.path("a.xlsx"))).map((cell) => cell?.value);
    expect(clocks.toReversed()).toEqual(
      ["01:30", "02:00", "02:30", "02:00", "02:30", "03:00"].map(
        (time) => `2026-10-25T${time}:59.999`,
      ),
    );
  });

  test("has a header that stays in sight, with filters, and columns as wide as their texts", async () => {
    const bench = await Bench.start(
      eventList([event({ subject: "x".repeat(35), reason: "y".repeat(900) })]),
    );
    await bench.export("-p", "timestamp,subject,reason,type AS t");
    const [sheet] = await readWorkbook(bench.path("a.xlsx"));
    expect(sheet).toMatchObject({ name: "Events", frozen: 1, filter: "A1:D2" });
    expect(sheet?.widths).toEqual([20, 36, 60, 8]);
  });

  test("has a header where there are no events", async () => {
    const bench = await Bench.start(eventList([]));
    await bench.export("-p", "timestamp,type");
    const [sheet] = await readWorkbook(bench.path("a.xlsx"));
    expect(sheet).toMatchObject({ filter: "A1:B1" });
    expect(sheet?.rows).toEqual([
      [
        { kind: "text", value: "timestamp" },
        { kind: "text", value: "type" },
      ],
    ]);
  });

  const texts = [
    "=1+1",
    "＝1+1",
    "+49 30 1234",
    "-2+3",
    "@SUM(A1)",
    "\t=1+1",
    "'quoted",
    '=HYPERLINK("http://192.0.2.1")',
    "http://example.com/?a=1&b=<2>",
    "00123",
    "1e5",
    "TRUE",
    "2026-11-19",
    "92356927693813856",
    " spaces ",
    "a\nb\r\nc\rd",
    "_x0041_ _x000D_ _xZZZZ_ _x0041",
    "\u0000\u0001\u000b\u001f\u007f\u0085\u2028",
    "\ud800 \udc00",
    "\ufffe\uffff",
    "]]> <!-- &amp; &#10;",
    "😀 é 漢字 עברית",
  ];

  test("has text as it was sent, whatever it looks like, and no formula", async () => {
    const bench = await Bench.start(
      eventList(texts.map((subject, index) => event({ subject }, index))),
    );
    await bench.export("-p", "subject");
    expect(await columnOf(bench.path("a.xlsx"))).toEqual(
      texts.map((value) => ({ kind: "text", value: value.toWellFormed() })),
    );
  });

  test.each([
    ["msg_size", "1337", "number"],
    ["msg_size", "0", "number"],
    ["queue_time", "-5", "number"],
    ["dr_latency", "0.02", "number"],
    ["error_code", "554", "number"],
    ["error_code", "5.7.1", "text"],
    ["bounce_class", "010", "text"],
    ["num_retries", "+1", "text"],
    ["msg_size", "1e3", "text"],
    ["msg_size", "1.", "text"],
    ["msg_size", ".5", "text"],
    ["msg_size", "1234567890123456", "text"],
    ["template_version", "1", "text"],
    ["subject", "1337", "text"],
    ["event_id", "1337", "text"],
    ["scheduled_time", "1588348800", "date"],
    ["scheduled_time", "soon", "text"],
  ])('%s of the text "%s" is a %s', async (property, value, kind) => {
    const bench = await Bench.start(eventList([event({ [property]: value })]));
    await bench.export("-p", property);
    expect(await columnOf(bench.path("a.xlsx"))).toMatchObject([
      kind === "date" ? { kind, value: "2020-05-01T18:00:00.000" } : { kind, value },
    ]);
  });

  test.each([
    ["7", "number"],
    ["-76.8375", "number"],
    ["123456789012345", "number"],
    ["1234567890123456", "text"],
    ["12345678901234567890", "text"],
    ["0.1234567890123456", "text"],
    ["0.00000123", "number"],
    ["1e5", "number"],
    ["1E+400", "text"],
    ["1e-400", "text"],
    ["0e-400", "number"],
  ])("the JSON number %s is a %s", async (value, kind) => {
    const body = `{"results":[{"rcpt_meta":{"n":${value}}}],"total_count":1,"links":{}}`;
    const server = await startScriptedServer([(_, response) => response.end(body)]);
    const cwd = await newFolder();
    const args = ["yesterday", "--host", server.origin, "-p", "rcpt_meta.n", "-o", "a.xlsx"];
    const { code } = await runCommand(args, { cwd, env: { SPARKPOST_API_KEY: key } });
    expect(code).toBe(0);
    expect(await columnOf(join(cwd, "a.xlsx"))).toMatchObject([{ kind, value }]);
  });

  test("holds what fits of a text that is too long for a cell, and tells", async () => {
    const whole = "x".repeat(32_767);
    const subjects = [`${whole}!`, whole, `${"x".repeat(32_766)}😀`, `${'"'.repeat(40_000)}`];
    const bench = await Bench.start(
      eventList(subjects.map((subject, index) => event({ subject }, index))),
    );
    const stderr = await bench.export("-p", "subject");
    expect(stderr).toContain(
      "warning: 3 texts are longer than a cell can hold (32,767 characters) and were cut; a CSV has them whole.\n",
    );
    expect(await columnOf(bench.path("a.xlsx"))).toEqual(
      [whole, whole, "x".repeat(32_766), '"'.repeat(32_767)].map((value) => ({
        kind: "text",
        value,
      })),
    );
  });

  test("is what the ini file's settings for CSV do not change", async () => {
    const bench = await Bench.start(eventList([event({ subject: "=1+1; a, b" })]));
    await bench.export("-p", "timestamp,subject");
    const plain = await readFile(bench.path("a.xlsx"));
    await writeFile(
      bench.path("sparkpost.ini"),
      "[SparkPost]\nExcel = yes\nCsvDelimiter = ;\nTimestampFormat = epoch\nEscapeFormulas = no\nSplitRows = 1\n",
    );
    await bench.export("-p", "timestamp,subject", "--force");
    expect(await readFile(bench.path("a.xlsx"))).toEqual(plain);
    await bench.export("-p", "timestamp,subject", "--force", "--excel");
    expect(await readFile(bench.path("a.xlsx"))).toEqual(plain);
  });

  test("is made of a search that is too long for one request, too", async () => {
    const recipients = Array.from({ length: 300 }, (_, index) => `recipient.${index}@example.com`);
    const bench = await Bench.start(
      eventList(
        Array.from({ length: 900 }, (_, index) =>
          event({ rcpt_to: recipients[index % 300], subject: `=${index}` }, index),
        ),
      ),
    );
    await writeFile(bench.path("list.txt"), recipients.join("\n"));
    const args = ["-p", "subject", "--recipients", "@list.txt"];
    expect(await bench.export(...args)).toContain("The filters are too long for one search");
    expect(await columnOf(bench.path("a.xlsx"))).toEqual(
      Array.from({ length: 900 }, (_, index) => ({ kind: "text", value: `=${index}` })),
    );
  });
});

describe("the file of a workbook", () => {
  const source = () =>
    eventList(Array.from({ length: 400 }, (_, index) => event({ subject: `${index}` }, index)));

  test("is left alone where it is there, and replaced with --force", async () => {
    const bench = await Bench.start(source());
    await writeFile(bench.path("a.xlsx"), "mine");
    const { code, stderr } = await bench.run(["-o", "a.xlsx"]);
    expect({ code, stderr }).toEqual({
      code: 2,
      stderr: expect.stringContaining("error: a.xlsx exists already.\nAdd --force"),
    });
    expect(await readFile(bench.path("a.xlsx"), "utf8")).toBe("mine");
    await bench.export("--force", "-p", "subject");
    expect((await columnOf(bench.path("a.xlsx"))).length).toBe(400);
    expect(await readdir(bench.cwd)).toEqual(["a.xlsx"]);
  });

  test(`is the old one where the disk is full while it is made, and the new one after --resume (SEED=${seed})`, async () => {
    const random = randomNumbers(seed);
    const bench = await Bench.start(
      eventList(
        // Such short texts take more room in a workbook than in a CSV.
        Array.from({ length: 20_000 }, (_, index) => event({ subject: `${random(10)}` }, index)),
      ),
    );
    await writeFile(bench.path("a.xlsx"), "mine");
    const columns = ["-p", "subject", "--concurrency", "1"];
    // The CSV has 80 kB, and the workbook more than these 100.
    const full = await bench.run([...columns, "-o", "a.xlsx", "--force"], { largestFile: 200 });
    expect(full.stderr).toMatch(/^error: Could not write a\.xlsx: .*too large/m);
    expect(full.stderr).not.toContain(".gz");
    expect(full.stderr).toContain("the same command with --resume goes on from there");
    expect(full.code).toBe(1);
    expect(await readFile(bench.path("a.xlsx"), "utf8")).toBe("mine");
    const { code, stderr } = await bench.run([...columns, "-o", "a.xlsx", "--force", "--resume"]);
    expect({ code, stderr }).toEqual({
      code: 0,
      // Nothing was left to fetch.
      stderr: expect.stringMatching(/20,000 events in a\.xlsx .*\n.* 0 requests/),
    });
    expect((await columnOf(bench.path("a.xlsx"))).length).toBe(20_000);
    expect(await readdir(bench.cwd)).toEqual(["a.xlsx"]);
  });

  test("that is not complete says so in its name", async () => {
    const server = await startScriptedServer([
      page([{ subject: "only" }], { totalCount: 2 }),
      json(200, { results: [], total_count: 2, links: {} }),
    ]);
    const cwd = await newFolder();
    const args = ["yesterday", "--host", server.origin, "--concurrency", "1"];
    const { code, stderr } = await runCommand([...args, "-p", "subject", "-o", "a.xlsx"], {
      cwd,
      env: { SPARKPOST_API_KEY: key },
    });
    expect({ code, stderr }).toEqual({
      code: 5,
      stderr: expect.stringContaining("What arrived is in a.xlsx.incomplete."),
    });
    expect(await readdir(cwd)).toEqual(["a.xlsx.incomplete"]);
    expect(await columnOf(join(cwd, "a.xlsx.incomplete"))).toEqual([
      { kind: "text", value: "only" },
    ]);
  });

  test.each([
    ["a.xls", "a.xlsx"],
    ["a.XLSM", "a.xlsx"],
    ["a.ods", "a.xlsx"],
    ["a.xlsx.gz", "a.xlsx"],
    ["a.json", "a.jsonl"],
    ["a.json.gz", "a.jsonl"],
    ["a.avro", "a.csv"],
    ["a.parquet.gz", "a.parquet"],
    ["a.csv.zip", "a.csv"],
    ["a.sqlite", "a.csv"],
    ["a.html", "a.csv"],
  ])("%s is not filled with something else", async (name, instead) => {
    const bench = await Bench.start(source());
    const { code, stderr } = await bench.run(["-o", name]);
    expect({ code, stderr }).toEqual({
      code: 2,
      stderr: expect.stringMatching(
        new RegExp(`^error: --out: ${name} would not be a .* file; .*\\nWrite ${instead}`),
      ),
    });
    expect(await readdir(bench.cwd)).toEqual([]);
  });

  test("a.tsv has tabs, or is refused", async () => {
    const bench = await Bench.start(source());
    const { code, stderr } = await bench.run(["-o", "a.tsv"]);
    expect({ code, stderr }).toEqual({
      code: 2,
      stderr: expect.stringContaining(
        "error: --out: a.tsv would not have tabs between its fields.\nAdd --csv-delimiter tab, or write a.csv.\n",
      ),
    });
    expect((await bench.run(["-o", "a.tsv", "--csv-delimiter", "tab"])).code).toBe(0);
    expect(await readdir(bench.cwd)).toEqual(["a.tsv"]);
  });

  test.each([
    ["--csv-delimiter ;", "--csv-delimiter is for CSV: a workbook has cells."],
    ["--timestamp-format raw", "--timestamp-format is for CSV: in a workbook, times are dates."],
    [
      "--split-rows 100",
      "--split-rows is for CSV: a workbook begins a new sheet where one is full.",
    ],
  ])("does not go with %s", async (option, message) => {
    const bench = await Bench.start(source());
    const { code, stderr } = await bench.run(["-o", "a.xlsx", ...option.split(" ")]);
    expect({ code, stderr }).toEqual({
      code: 2,
      stderr: `error: ${message}\nLeave it out, or write a CSV: --out a.csv\n`,
    });
    expect(await readdir(bench.cwd)).toEqual([]);
  });

  test("is no named pipe, and no link to a file of another format", async () => {
    const bench = await Bench.start(source());
    execFileSync("mkfifo", [bench.path("pipe.xlsx")]);
    const pipe = await bench.run(["-o", "pipe.xlsx"]);
    expect(pipe.code).toBe(2);
    expect(pipe.stderr).toContain("error: A workbook can only be a file, and pipe.xlsx is none.\n");
    await writeFile(bench.path("b.csv"), "mine");
    await symlink("b.csv", bench.path("link.xlsx"));
    const link = await bench.run(["-o", "link.xlsx", "--force"]);
    expect(link.code).toBe(2);
    expect(link.stderr).toMatch(/^error: link\.xlsx leads to .*b\.csv, whose name is that of/m);
    expect(await readFile(bench.path("b.csv"), "utf8")).toBe("mine");
    await mkdir(bench.path("to"));
    await writeFile(bench.path("to/c.xlsx"), "old");
    await symlink("to/c.xlsx", bench.path("a.xlsx"));
    expect((await bench.run(["-o", "a.xlsx", "--force", "-p", "subject"])).code).toBe(0);
    expect((await columnOf(bench.path("to/c.xlsx"))).length).toBe(400);
  });
});
