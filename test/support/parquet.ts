import { readFile } from "node:fs/promises";
import { parquetMetadata, parquetReadObjects } from "hyparquet";
import { compressors } from "hyparquet-compressors";

/** A Parquet file, as a reader finds it that is not the writer's. */
export interface ParquetTable {
  /** Name and type of each column; those of the format, not of a database. */
  readonly types: ReadonlyMap<string, string>;
  /** Number of rows of each row group. */
  readonly groups: readonly number[];
  /** Codecs of all columns. */
  readonly codecs: ReadonlySet<string>;
  /** Columns of which a row group does not say how many values are null. */
  readonly withoutStatistics: readonly string[];
  readonly rows: readonly Record<string, unknown>[];
}

export async function readTable(path: string): Promise<ParquetTable> {
  const bytes = await readFile(path);
  const file = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length) as ArrayBuffer;
  const { schema, row_groups: groups } = parquetMetadata(file);
  const columns = groups.flatMap((group) =>
    group.columns.flatMap(({ meta_data }) => meta_data ?? []),
  );
  return {
    types: new Map(
      schema.slice(1).map(({ name, type, converted_type, logical_type }) => {
        const isUtc = logical_type?.type === "TIMESTAMP" && logical_type.isAdjustedToUTC;
        return [name, [type, converted_type, ...(isUtc ? ["UTC"] : [])].filter(Boolean).join(" ")];
      }),
    ),
    groups: groups.map(({ num_rows }) => Number(num_rows)),
    codecs: new Set(columns.map(({ codec }) => codec)),
    withoutStatistics: columns
      .filter(({ statistics }) => statistics?.null_count === undefined)
      .map(({ path_in_schema }) => path_in_schema.join(".")),
    rows: await parquetReadObjects({ file, compressors }),
  };
}
