import { open, rm } from "node:fs/promises";
import type { Column } from "../csv/csv-layout.js";
import { quoted, quotedName, quotedPattern } from "../duckdb/sql-text.js";
import { isOutOfMemory } from "../duckdb/too-large.js";
import { OutputError, SparkyEventsError } from "../errors.js";
import { typedValue, typeOf } from "./column-type.js";
import { type Limits, workWithDuckDb } from "./duckdb-work.js";
import { intermediateColumns, parquetFormat } from "./parquet-format.js";
import { type ParquetContents, readContents } from "./read-parquet.js";

export interface ParquetOptions {
  readonly columns: readonly Column[];
  /** Path of a folder for what does not fit into memory; made where it is needed, and taken away. */
  readonly spill: string;
  readonly signal?: AbortSignal | undefined;
}

/** What was written. */
export interface ParquetFile {
  /** Number of rows that can be read from it. */
  readonly rows: number;
  /** In bytes. */
  readonly size: number;
}

/**
 * Values that are compressed together, before that. More of them are read in fewer steps, but have to be in
 * memory all at once.
 */
const rowGroup = { rows: 122_880, size: "64MB" };

/**
 * Makes a Parquet file of a CSV in `parquetFormat`, whose columns are `intermediateColumns`, with its rows in
 * their order. Memory does not grow with its size.
 *
 * @param csv path of the CSV
 * @param path of the file; what is there is replaced
 */
export async function writeParquet(
  csv: string,
  path: string,
  { columns, spill, signal }: ParquetOptions,
): Promise<ParquetFile> {
  try {
    const contents = await workWithDuckDb(
      async (connection, limits) => {
        await connection.run(copyStatement(csv, path, columns, limits));
        return await readContents(connection, path);
      },
      { spill, signal },
    );
    requireTypes(contents, columns);
    return { rows: contents.rows, size: await flush(path) };
  } catch (error) {
    signal?.throwIfAborted();
    throw failureOf(error);
  } finally {
    await rm(spill, { recursive: true, force: true });
  }
}

function copyStatement(
  csv: string,
  path: string,
  columns: readonly Column[],
  { record }: Limits,
): string {
  const { delimiter, quote } = parquetFormat;
  const fields = intermediateColumns(columns).map(
    (_, index) => `${quoted(fieldOf(index))}: 'VARCHAR'`,
  );
  const values = columns.map(
    (column, index) => `${typedValue(column, fieldOf(index))} as ${quotedName(column.header)}`,
  );
  // Not in parallel: a reader that begins within a quoted text takes the rest of it for records.
  return `copy (
    select ${values.join(",\n      ")}
    from read_csv(${quotedPattern(csv)},
      columns = {${fields.join(", ")}}, header = true, auto_detect = false, compression = 'none',
      delim = ${quoted(delimiter)}, quote = ${quoted(quote)}, escape = ${quoted(quote)}, new_line = '\\n',
      nullstr = '', allow_quoted_nulls = false, parallel = false,
      max_line_size = ${record}, buffer_size = ${2 * record})
  ) to ${quoted(path)} (format parquet, compression zstd, use_tmp_file false,
    row_group_size ${rowGroup.rows}, row_group_size_bytes '${rowGroup.size}')`;
}

function fieldOf(index: number): string {
  return `field${index}`;
}

/** @throws Error where the file is not what was to be made */
function requireTypes(
  { columns: found, whole }: ParquetContents,
  columns: readonly Column[],
): void {
  const wanted = columns.map((column) => [column.header, typeOf(column)]);
  if (!whole || JSON.stringify(found) !== JSON.stringify(wanted)) {
    throw new OutputError("The Parquet file cannot be read as it was written.", {
      hint: "The disk or the memory may be at fault. Run it again; if that happens again, please report it.",
    });
  }
}

/** @returns the size of the file, which is on the disk from then on */
async function flush(path: string): Promise<number> {
  const file = await open(path, "r+");
  try {
    await file.sync();
    return (await file.stat()).size;
  } finally {
    await file.close();
  }
}

const systemFailures: readonly [RegExp, code: string][] = [
  [/No space left|disk is full|max_temp_directory_size/i, "ENOSPC"],
  [/Disk quota/i, "EDQUOT"],
  [/File too large/i, "EFBIG"],
];

/** Failures of the operating system are told apart by their codes. */
function failureOf(error: unknown): unknown {
  if (!(error instanceof Error) || error instanceof SparkyEventsError || "code" in error) {
    return error;
  }
  const [, code] = systemFailures.find(([pattern]) => pattern.test(error.message)) ?? [];
  if (code !== undefined) {
    return Object.assign(new Error(firstLine(error), { cause: error }), { code });
  }
  const hint = isOutOfMemory(error)
    ? "Events of this size take more memory than Parquet is given; write JSON lines instead: --format jsonl"
    : undefined;
  return new OutputError(`The Parquet file could not be made: ${firstLine(error)}`, {
    hint,
    cause: error,
  });
}

function firstLine({ message }: Error): string {
  return message.split("\n", 1)[0] ?? "";
}
