import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import fc from "fast-check";
import { readXlsx } from "hucre/xlsx";
import { describe, expect, test } from "vitest";
import { completeLayout } from "../../src/csv/csv-layout.js";
import { createCsvReference, headerOf } from "../../src/csv/csv-reference.js";
import { UsageError } from "../../src/errors.js";
import { refuseTooWide, workbookFormat } from "../../src/workbook/workbook-format.js";
import { type WorkbookOptions, writeWorkbook } from "../../src/workbook/write-workbook.js";
import { newFolder } from "../support/command.js";
import { expectedCell } from "../support/event-workbook.js";
import { seed, times } from "../support/random-numbers.js";
import { readWorkbook } from "../support/workbook.js";

/** Writes a workbook of events, by way of the CSV that it is made of. */
async function write(
  events: readonly Record<string, unknown>[],
  columns: readonly string[],
  options: Omit<WorkbookOptions, "columns"> = {},
) {
  const folder = await newFolder();
  const [csv, path] = [join(folder, "main"), join(folder, "a.xlsx")];
  const layout = completeLayout({
    ...workbookFormat,
    columns: columns.map((name) => ({ header: name, path: [name] })),
  });
  const converter = createCsvReference(layout);
  const body = Buffer.from(JSON.stringify({ results: events, total_count: 0, links: {} }));
  await writeFile(csv, Buffer.concat([headerOf(layout), converter.convert(body).content]));
  const facts = await writeWorkbook(csv, path, { columns: layout.columns, ...options });
  return { facts, path, csv };
}

const numbered = (count: number) =>
  Array.from({ length: count }, (_, index) => ({ type: `t${index}` }));

describe("sheets", () => {
  test.each([
    [0, [1]],
    [1, [2]],
    [9, [10]],
    [10, [10, 2]],
    [18, [10, 10]],
    [19, [10, 10, 2]],
  ])("of at most 10 rows: %i events make sheets of %j rows", async (events, sizes) => {
    const { facts, path } = await write(numbered(events), ["type", "subject"], { sheetRows: 10 });
    expect(facts).toMatchObject({ rows: events, sheets: sizes.length, cutTexts: 0 });
    const sheets = await readWorkbook(path);
    expect(sheets.map(({ rows }) => rows.length)).toEqual(sizes);
    expect(sheets.map(({ name }) => name)).toEqual(
      ["Events", "Events 2", "Events 3"].slice(0, sizes.length),
    );
    expect(sheets.map(({ filter }) => filter)).toEqual(sizes.map((size) => `A1:B${size}`));
    for (const { rows, frozen } of sheets) {
      expect(frozen).toBe(1);
      expect(rows[0]?.map((cell) => cell?.value)).toEqual(["type", "subject"]);
    }
    const types = sheets.flatMap(({ rows }) => rows.slice(1).map(([cell]) => cell?.value));
    expect(types).toEqual(numbered(events).map(({ type }) => type));
  });

  test("are begun anew before there is too much in one", async () => {
    const events = Array.from({ length: 200 }, (_, index) => ({
      subject: `${index}${"x".repeat(20_000)}`,
    }));
    const { facts, path } = await write(events, ["subject"], { sheetBytes: 2_000_000 });
    expect(facts.rows).toBe(200);
    const sheets = await readWorkbook(path);
    expect(sheets.length).toBeGreaterThan(1);
    expect(facts.sheets).toBe(sheets.length);
    const texts = sheets.flatMap(({ rows }) => rows.slice(1).map(([cell]) => cell?.value));
    expect(texts).toEqual(events.map(({ subject }) => subject));
  });

  test("have at most 16,384 columns", async () => {
    const columns = Array.from({ length: 16_384 }, (_, index) => `c${index}`);
    const { path } = await write([{ c16383: "last" }], columns);
    const [sheet] = await readWorkbook(path);
    expect(sheet?.filter).toBe("A1:XFD2");
    expect(sheet?.rows[1]?.[16_383]).toEqual({ kind: "text", value: "last" });
    const oneMore = [...columns, "more"].map((header) => ({ header, path: [header] }));
    expect(() => refuseTooWide(oneMore)).toThrow(UsageError);
  });
});

test("a record longer than what is read at once", async () => {
  const long = 'a,\n"é😀'.repeat(600_000);
  const { facts, path } = await write(
    [{ subject: long, type: "x" }, { type: "y" }],
    ["subject", "type"],
  );
  expect(facts).toMatchObject({ rows: 2, cutTexts: 1 });
  const [sheet] = await readWorkbook(path);
  expect(sheet?.rows[1]).toEqual([
    { kind: "text", value: expect.stringMatching(/^a,\n"é😀/) },
    { kind: "text", value: "x" },
  ]);
  const cut = String(sheet?.rows[1]?.[0]?.value);
  expect(long.startsWith(cut)).toBe(true);
  expect(cut.length).toBeGreaterThan(32_765);
  expect(cut.isWellFormed()).toBe(true);
});

test("a CSV that is cut makes no workbook", async () => {
  const { csv, path } = await write(numbered(3), ["type"]);
  const whole = await readFile(csv);
  await writeFile(csv, whole.subarray(0, -2));
  await expect(
    writeWorkbook(csv, path, { columns: [{ header: "type", path: ["type"] }] }),
  ).rejects.toThrow("in the midst of a record");
});

test("stops when it is told to", async () => {
  const reason = new Error("enough");
  await expect(write(numbered(9), ["type"], { signal: AbortSignal.abort(reason) })).rejects.toBe(
    reason,
  );
});

const nasty = fc.oneof(
  fc.string({ unit: "binary" }),
  fc.string({ unit: fc.constantFrom(...'_x0041\u0000\t\r\n "&<>=＝😀\ufffe\uffff') }),
  fc.constantFrom("_x0041_", "_x0041\u0001", "00123", "1e5", "TRUE", "\ud800", "2026-11-19"),
);
const value = fc.oneof(
  nasty,
  fc.boolean(),
  fc.integer(),
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc.constantFrom(null, undefined, 0, 1e15, 123456789012345, 1234567890123456, 1e-7),
  fc.array(nasty, { maxLength: 2 }),
  fc
    .date({ min: new Date(0), max: new Date("2100-01-01"), noInvalidDate: true })
    .map((date) => date.toISOString()),
);
const properties = ["timestamp", "subject", "msg_size", "rcpt_meta"];
const anEvent = fc.record(Object.fromEntries(properties.map((name) => [name, value])));

test(`whatever is in events is in their cells, by two readers (SEED=${seed})`, async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(anEvent, { minLength: 1, maxLength: 20 }), async (events) => {
      const { path } = await write(events, properties);
      const expected = events.map((event) =>
        properties.map((name) => expectedCell(name, event[name], "UTC")),
      );
      const [sheet] = await readWorkbook(path);
      const cells = (sheet?.rows ?? []).slice(1).map((row) => properties.map((_, at) => row[at]));
      expect(cells).toEqual(expected);
      const second = await readXlsx(await readFile(path));
      for (const [index, row] of expected.entries()) {
        for (const [at, cell] of row.entries()) {
          if (cell?.kind === "text") {
            expect(second.sheets[0]?.rows[index + 1]?.[at]).toBe(cell.value);
          }
        }
      }
    }),
    { seed, numRuns: times(20, 60) },
  );
}, 60_000);
