import { readFile, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { stringify } from "csv-stringify/sync";
import fc from "fast-check";
import { expect, test } from "vitest";
import { checksumOf } from "../../src/checksum.js";
import { defaultFormat } from "../../src/csv/csv-layout.js";
import { partRecordFinder } from "../../src/csv/csv-part-records.js";
import { mergeParts, type PartFile } from "../../src/export/merge-parts.js";
import { PartReader } from "../../src/export/part-reader.js";
import { newFolder } from "../support/command.js";

const start = Date.UTC(2026, 10, 19);

function isoOf(second: number): string {
  return new Date(start + second * 1_000).toISOString();
}

async function writeParts(
  folder: string,
  parts: readonly (readonly string[][])[],
  dialect: object = { quoted_match: /\r/ },
) {
  return Promise.all(
    parts.map(async (records, index) => {
      const path = join(folder, `part-${index}`);
      const csv = Buffer.from(stringify(records as string[][], dialect));
      await writeFile(path, csv);
      return { path, bytes: csv.length, checksum: checksumOf(csv) };
    }),
  );
}

async function mergeAll(...args: Parameters<typeof mergeParts>) {
  const chunks: { csv: string; records: number }[] = [];
  for await (const { content, records } of mergeParts(...args)) {
    chunks.push({ csv: Buffer.from(content).toString("utf8"), records });
  }
  return chunks;
}

test("any parts come out newest first, ties in the order of the parts, in whole records", async () => {
  const folder = await newFolder();
  const field = fc.constantFrom(
    ...["", "a", 'say "hi"', "a,b", "two\nlines", "cr\r", "é".repeat(50)],
    ...["\u0001", "a\u0001\n"],
  );
  const part = fc
    .array(fc.tuple(fc.nat(20), field, field), { maxLength: 40 })
    .map((list) => list.sort(([a], [b]) => b - a));
  await fc.assert(
    fc.asyncProperty(
      fc.array(part, { maxLength: 6 }),
      fc.integer({ min: 1, max: 300 }),
      fc.constantFrom(undefined, "\u0001" as const),
      async (parts, chunkSize, quote) => {
        const dialect = { quoted_match: /\r/, ...(quote && { quote, escape: quote }) };
        const files = await writeParts(
          folder,
          parts.map((list) => list.map(([second, a, b]) => [isoOf(second), a, b])),
          dialect,
        );
        const expected = parts.flat().toSorted(([a], [b]) => b - a);
        const chunks = await mergeAll(
          files,
          partRecordFinder(2, { ...defaultFormat, quote }),
          chunkSize,
        );
        const whole = stringify(
          expected.map(([, a, b]) => [a, b]),
          dialect,
        );
        expect(chunks.map(({ csv }) => csv).join("")).toBe(whole);
        expect(chunks.reduce((sum, { records }) => sum + records, 0)).toBe(expected.length);
        expect(chunks.slice(0, -1).every(({ csv }) => Buffer.byteLength(csv) >= chunkSize)).toBe(
          true,
        );
      },
    ),
    { numRuns: 100 },
  );
});

test("records of any size are read through pieces of any size", async () => {
  const record = `"${isoOf(1)}","${"long\n".repeat(40)}"\n`;
  const bytes = Buffer.from(`${isoOf(2)},short\n${record}${isoOf(0)},\n`);
  for (const pieceSize of [1, 7, 30, 64, 1_000]) {
    const reader = new PartReader(
      async (into, position) => bytes.copy(into, 0, position, position + into.length),
      pieceSize,
      partRecordFinder(2, defaultFormat),
    );
    const found: [number, string][] = [];
    while (reader.advance() || (await reader.fill())) {
      found.push([reader.time, Buffer.from(reader.record()).toString()]);
    }
    expect(found).toEqual([
      [start + 2_000, "short\n"],
      [start + 1_000, `"${"long\n".repeat(40)}"\n`],
      [start, "\n"],
    ]);
  }
});

test("a record whose timestamp is no date stays behind the one before it", async () => {
  const files = await writeParts(await newFolder(), [
    [
      ["no date", "first"],
      [isoOf(2), "a"],
      ["", "b"],
      [isoOf(0), "c"],
    ],
    [[isoOf(1), "between"]],
  ]);
  const [chunk] = await mergeAll(files, partRecordFinder(1, defaultFormat));
  expect(chunk?.csv).toBe("first\na\nb\nbetween\nc\n");
});

test("a blank record of one column is a quoted field", async () => {
  const files = await writeParts(await newFolder(), [
    [
      [isoOf(1), ""],
      [isoOf(0), "a"],
    ],
  ]);
  const [chunk] = await mergeAll(files, partRecordFinder(1, defaultFormat));
  expect(chunk?.csv).toBe('""\na\n');
});

test("a file that is not what was written is an error", async () => {
  const folder = await newFolder();
  const [file] = await writeParts(folder, [
    [
      [isoOf(1), "a"],
      [isoOf(0), "b"],
    ],
  ]);
  const { path = "", bytes = 0, checksum = "" } = file ?? {};
  const merge = (part: PartFile) => mergeAll([part], partRecordFinder(1, defaultFormat));
  await expect(merge({ path: `${path}-gone`, bytes, checksum })).rejects.toThrow("is damaged");
  expect(await merge({ path, bytes, checksum })).toHaveLength(1);
  const other = (await readFile(path, "utf8")).replace("b", "c");
  await writeFile(path, other);
  await expect(merge({ path, bytes, checksum })).rejects.toThrow("is damaged");
  await truncate(path, bytes - 3);
  await expect(merge({ path, bytes, checksum })).rejects.toThrow("is damaged");
  await expect(merge({ path, bytes: bytes - 3, checksum })).rejects.toThrow("is damaged");
});
