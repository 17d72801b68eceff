import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { defaultFormat } from "../../src/csv/csv-layout.js";
import { CsvRecordScanner } from "../../src/csv/csv-record-scanner.js";
import { numberedPath } from "../../src/output/numbered-path.js";
import { SplitFile } from "../../src/output/split-file.js";
import { GzipFile } from "../../src/partial/gzip-file.js";
import type { FileState, FullEntry, MainState } from "../../src/partial/journal-entry.js";
import { PlainFile } from "../../src/partial/plain-file.js";
import { newFolder } from "../support/command.js";
import { randomNumbers, times } from "../support/random-numbers.js";

const header = Buffer.from('"the\nhead",b\n');

/** Pages of records with quotes and line breaks, some of them long. */
function makePages(random: (below: number) => number, pages: number, longest: number): string[][] {
  const fields = ["", "x", '"\n"', '"a ""\n"" b"', '""""', '"\r\n"', '"\n\n,"'];
  const field = () => fields[random(fields.length)] ?? "";
  return Array.from({ length: pages }, () =>
    Array.from({ length: random(9) }, () => {
      const long = random(4) === 0 ? `"${"\n".repeat(random(longest))}"` : "";
      return `${field()},${long},${field()}\n`;
    }),
  );
}

describe("a split file", () => {
  test.each([
    ["plain", 40, 200],
    ["gzipped", 40, 200],
    // Members of gzip hold a megabyte, so these end in the midst of pages, records and fields.
    ["gzipped", 6, 900_000],
  ] as const)(
    "%s holds the same wherever it is cut, interrupted and rewound (%d pages)",
    async (kind, pageCount, longest) => {
      for (let seed = 0; seed < (longest > 1_000 ? times(3, 8) : times(12, 40)); seed++) {
        const random = randomNumbers(seed);
        const splitRows = 1 + random(pageCount < 10 ? 9 : 30);
        const pages = makePages(random, pageCount, longest);
        const path = join(await newFolder(), "main");
        const full = new Map<number, FileState>();
        const options = {
          pathOf: (part: number) => numberedPath(path, part),
          splitRows,
          format: { header, openScanner: () => new CsvRecordScanner(defaultFormat) },
          openPart: (part: string, state: MainState) =>
            (kind === "plain" ? PlainFile : GzipFile).open(part, state),
          onFull: async ({ part, length }: FullEntry) => {
            full.set(part, { length });
          },
        };
        const start = { records: 0, scanner: new CsvRecordScanner(defaultFormat) };
        let file = await SplitFile.open(options, { length: 0, consumed: 0 }, full, start);
        await file.append(header, 0);
        const csv = Buffer.concat([header, ...pages.map((page) => Buffer.from(page.join("")))]);
        let given = header.length;
        for (let disturbances = 10; given < csv.length || disturbances > 0; ) {
          if (given < csv.length && (disturbances === 0 || random(4) > 0)) {
            const { end, records } = pageAt(pages, given);
            const next = Math.min(end, given + 1 + random(longest * 2));
            await file.append(csv.subarray(given, next), records);
            given = next;
            continue;
          }
          disturbances -= 1;
          if (file.rewind && random(2) === 0) {
            const back = pageAt(pages, header.length + random(given - header.length + 1)).start;
            let recorded: MainState | undefined;
            await file.rewind(back, positionAt(csv, back).records, async (state) => {
              recorded = state;
            });
            expect(file.state).toEqual(recorded);
            given = back;
          } else {
            const { state } = file;
            await file.close();
            file = await SplitFile.open(options, state, full, positionAt(csv, state.consumed));
            given = state.consumed;
            if (given === 0) {
              await file.append(header, 0);
              given = header.length;
            }
          }
        }
        await file.end();
        const parts = await readParts(path, file.state.part ?? 0);
        expect(parts).toEqual(expectedParts(pages.flat(), splitRows));
      }
    },
  );
});

/** The page that the byte behind `position` belongs to. */
function pageAt(pages: readonly string[][], position: number) {
  let end = header.length;
  let records = 0;
  let start = end;
  for (const page of pages) {
    start = end;
    end += Buffer.byteLength(page.join(""));
    records += page.length;
    if (end > position) {
      return { start, end, records };
    }
  }
  return { start: end, end, records };
}

/** How many records end before a position. */
function positionAt(csv: Buffer, position: number) {
  const scanner = new CsvRecordScanner(defaultFormat);
  const { records } = scanner.read(csv.subarray(header.length, position), Number.POSITIVE_INFINITY);
  return { records, scanner };
}

function expectedParts(records: readonly string[], splitRows: number): string[] {
  const parts: string[] = [];
  for (let start = 0; start === 0 || start < records.length; start += splitRows) {
    parts.push(header + records.slice(start, start + splitRows).join(""));
  }
  return parts;
}

async function readParts(path: string, count: number): Promise<string[]> {
  const parts: string[] = [];
  for (let number = 1; number <= count; number++) {
    const content = await readFile(numberedPath(path, number));
    parts.push((content[0] === 0x1f ? gunzipSync(content) : content).toString("utf8"));
  }
  return parts;
}
