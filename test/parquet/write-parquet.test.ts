import { existsSync } from "node:fs";
import { readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { parseColumns } from "../../src/csv/column-list.js";
import { writeParquet } from "../../src/parquet/write-parquet.js";
import { newFolder } from "../support/command.js";
import { readTable } from "../support/parquet.js";

const columns = parseColumns("type, subject");

async function start(records: number) {
  const folder = await newFolder();
  const csv = join(folder, "a.csv");
  const record = (index: number) => `\u0001bounce\u0001,\u0001subject ${index}\u0001\n`;
  const text = Array.from({ length: records }, (_, index) => record(index)).join("");
  await writeFile(csv, `\u0001type\u0001,\u0001subject\u0001\n${text}`);
  return { folder, csv, spill: join(folder, "spill") };
}

test.skipIf(!existsSync("/dev/full"))(
  "a full disk is told by its code, as by the others that write",
  async () => {
    const { csv, spill, folder } = await start(50_000);
    const written = writeParquet(csv, "/dev/full", { columns, spill });
    await expect(written).rejects.toMatchObject({ code: "ENOSPC" });
    expect(await readdir(folder)).toEqual(["a.csv"]);
  },
);

test("it is stopped in the midst of its work", async () => {
  const { csv, spill, folder } = await start(400_000);
  const abort = new AbortController();
  const options = { columns, spill, signal: abort.signal };
  const written = writeParquet(csv, join(folder, "a.parquet"), options);
  setTimeout(() => abort.abort(new Error("enough")), 20);
  await expect(written).rejects.toThrow("enough");
});

test("what is there is replaced, and a name that looks like a pattern is one", async () => {
  const { folder, spill } = await start(0);
  const [csv, path] = [join(folder, "a[1]*?.csv"), join(folder, "it's [a]*?.parquet")];
  await writeFile(csv, "type,subject\n,\u0001\u0001\n\u0001a\u0001,\n");
  await writeFile(path, "something else, which is longer than what comes".repeat(1_000));
  expect(await writeParquet(csv, path, { columns, spill })).toMatchObject({ rows: 2 });
  expect((await readTable(path)).rows).toEqual([
    { type: null, subject: "" },
    { type: "a", subject: null },
  ]);
});

test("a CSV with a record of fewer fields is no Parquet file", async () => {
  const { folder, spill } = await start(0);
  const csv = join(folder, "b.csv");
  await writeFile(csv, "type,subject\n\u0001a\u0001,\u0001b\u0001\n\u0001a\u0001\n");
  const written = writeParquet(csv, join(folder, "b.parquet"), { columns, spill });
  await expect(written).rejects.toThrow("The Parquet file could not be made");
});
