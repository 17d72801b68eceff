import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { exportEvents, UsageError, type WorkbookProgress } from "../../src/index.js";
import { newFolder } from "../support/command.js";
import { page, startScriptedServer } from "../support/scripted-server.js";
import { readWorkbook } from "../support/workbook.js";

/** Two hours ago, for an hour. */
const to = Math.floor(Date.now() / 1_000) * 1_000 - 3_600_000;
const search = { from: new Date(to - 3_600_000), to: new Date(to) };

async function start(subject: string) {
  const server = await startScriptedServer([page([{ type: "click", subject }])]);
  const folder = await newFolder();
  return {
    connection: { host: server.origin, apiKey: "any", concurrency: 1 },
    folder,
    output: join(folder, "a.xlsx"),
  };
}

test("a program gets a workbook by the name of the file, whatever it says of the CSV", async () => {
  const { connection, output, folder } = await start("x".repeat(40_000));
  const progress: WorkbookProgress[] = [];
  const result = await exportEvents({
    connection,
    search,
    columns: "type, subject",
    format: { delimiter: ";", escapeFormulas: true },
    output,
    onWorkbook: (each) => progress.push(each),
  });
  expect(result).toMatchObject({
    events: 1,
    path: output,
    paths: [output],
    workbook: { sheets: 1, cutTexts: 1 },
  });
  expect(progress.at(-1)).toEqual({ rows: 1, events: 1 });
  expect(await readdir(folder)).toEqual(["a.xlsx"]);
  const [sheet] = await readWorkbook(output);
  expect(sheet?.rows[1]?.map((cell) => cell?.value)).toEqual(["click", "x".repeat(32_767)]);
});

test("goes on where it was stopped while the workbook was made", async () => {
  const { connection, output, folder } = await start("x");
  const stop = new AbortController();
  const kept: string[] = [];
  const options = { search, columns: "type, subject", output };
  await expect(
    exportEvents({
      ...options,
      connection: { ...connection, signal: stop.signal },
      onWorkbook: () => stop.abort(new Error("enough")),
      onKept: (path) => kept.push(path),
    }),
  ).rejects.toThrow("enough");
  expect(kept).toEqual([`${output}.partial`]);
  expect(await readdir(folder)).toEqual(["a.xlsx.partial"]);
  expect(await exportEvents({ ...options, connection, resume: true })).toMatchObject({
    events: 1,
    requests: 0,
  });
  expect(await readdir(folder)).toEqual(["a.xlsx"]);
  const [sheet] = await readWorkbook(output);
  expect(sheet?.rows[1]?.map((cell) => cell?.value)).toEqual(["click", "x"]);
});

test("a CSV has no facts of a workbook", async () => {
  const { connection, folder } = await start("=1+1");
  const output = join(folder, "a.csv");
  expect(await exportEvents({ connection, search, output })).toMatchObject({
    events: 1,
    workbook: undefined,
  });
});

test.each([
  ["a.xlsx", { splitRows: 10 }, "A workbook is one file"],
  ["a.avro", {}, "a.avro would not be a .avro file"],
  [
    "a.xlsx",
    { columns: Array.from({ length: 16_385 }, (_, index) => `c${index}`) },
    "A sheet has at most 16,384 columns, and 16,385 are asked for.",
  ],
])(
  "what cannot be written to %s is refused before any request: %#",
  async (name, more, message) => {
    const { connection, folder } = await start("x");
    const refused = exportEvents({ connection, search, output: join(folder, name), ...more });
    await expect(refused).rejects.toThrow(UsageError);
    await expect(refused).rejects.toThrow(message);
    expect(await readdir(folder)).toEqual([]);
  },
);
