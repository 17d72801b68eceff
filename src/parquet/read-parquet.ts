import type { DuckDBConnection } from "@duckdb/node-api";
import { quotedPattern } from "../duckdb/sql-text.js";
import { isOutOfMemory } from "../duckdb/too-large.js";
import { workWithDuckDb } from "./duckdb-work.js";

export interface ParquetContents {
  /** Number of rows that the file says it has. */
  readonly rows: number;
  /** Name and type of each column, as SQL has them. */
  readonly columns: readonly (readonly [name: string, type: string])[];
  /** Whether as many rows are there, and each of their values can be read. */
  readonly whole: boolean;
}

/**
 * @param path of a file that is there, and may be read
 * @returns undefined where it is no Parquet file, or not all of one
 */
export async function readParquet(path: string): Promise<ParquetContents | undefined> {
  return await workWithDuckDb(async (connection) => {
    try {
      return await readContents(connection, path);
    } catch (error) {
      if (isOutOfMemory(error)) {
        throw error;
      }
      return undefined;
    }
  });
}

export async function readContents(
  connection: DuckDBConnection,
  path: string,
): Promise<ParquetContents> {
  const ask = async (sql: string) => (await connection.runAndReadAll(sql)).getRowsJson();
  const file = quotedPattern(path);
  const [[stated] = []] = await ask(`select num_rows from parquet_file_metadata(${file})`);
  // The folder's name is no part of what is in the file.
  const rows = `read_parquet(${file}, hive_partitioning = false)`;
  const columns = await ask(`describe from ${rows}`);
  return {
    rows: Number(stated),
    columns: columns.map(([name, type]) => [String(name), String(type)]),
    whole: await isReadable(ask, rows, Number(stated)),
  };
}

async function isReadable(
  ask: (sql: string) => Promise<readonly (readonly unknown[])[]>,
  rows: string,
  stated: number,
): Promise<boolean> {
  try {
    const [[found] = []] = await ask(`select count(*), bit_xor(hash(*columns(*))) from ${rows}`);
    return Number(found) === stated;
  } catch (error) {
    if (isOutOfMemory(error)) {
      throw error;
    }
    return false;
  }
}
