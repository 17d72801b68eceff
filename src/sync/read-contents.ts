import { access, constants } from "node:fs/promises";
import { completeLayout } from "../csv/csv-layout.js";
import { csvFormat } from "../formats/csv-format.js";
import { jsonLinesFormat } from "../formats/json-lines-format.js";
import { typeOf } from "../parquet/column-type.js";
import { readParquet } from "../parquet/read-parquet.js";
import type { ArchiveSchema } from "./archive-schema.js";
import { readRecords } from "./inspect-file.js";

/** What is in a file of an archive. */
export interface FileContents {
  /** Number of events, as far as the file can be read. */
  readonly rows: number;
  /** Whether it can be read to its end, and has all that such a file has. */
  readonly whole: boolean;
  /** What it has that is not of this archive, where it does. */
  readonly other: "other columns" | "another format" | undefined;
}

/** Reads a whole file as those of an archive are. */
export async function readContents(path: string, schema: ArchiveSchema): Promise<FileContents> {
  return schema.records === "parquet" ? readTable(path, schema) : readLines(path, schema);
}

async function readLines(path: string, schema: ArchiveSchema): Promise<FileContents> {
  const { records, columns, zone, gzip } = schema;
  const format =
    records === "jsonl"
      ? jsonLinesFormat(zone, zone)
      : csvFormat(completeLayout({ ...schema.format, columns, zone }));
  const { header, opening } = format;
  const { rows, start, whole } = await readRecords(path, gzip, format);
  const isOther = start.length === opening.length && !start.equals(opening);
  return {
    rows,
    whole: whole && start.length >= header.length,
    other: isOther ? (header.length > 0 ? "other columns" : "another format") : undefined,
  };
}

async function readTable(path: string, { columns }: ArchiveSchema): Promise<FileContents> {
  await access(path, constants.R_OK);
  const contents = await readParquet(path);
  if (!contents) {
    return { rows: 0, whole: false, other: undefined };
  }
  const { rows, whole, columns: found } = contents;
  const wanted = columns.map((column) => [column.header, typeOf(column)]);
  const isOther = JSON.stringify(found) !== JSON.stringify(wanted);
  return { rows, whole, other: isOther ? "other columns" : undefined };
}
