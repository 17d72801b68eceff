import type { DuckDBConnection } from "@duckdb/node-api";
import { importDuckDb } from "../duckdb/import-duckdb.js";
import { isTooLarge } from "../duckdb/too-large.js";
import { untilAborted } from "../duckdb/until-aborted.js";

/** What work may take; in the memory, DuckDB's own. */
export interface Limits {
  readonly memory: string;
  /** Of a record of CSV, in bytes. DuckDB sets aside a multiple of it. */
  readonly record: number;
}

interface WorkOptions {
  readonly spill?: string;
  readonly signal?: AbortSignal | undefined;
}

/** It takes the second where the first has not been enough: events are seldom large. */
const limits = {
  usual: { memory: "200MB", record: 2_000_000 },
  largest: { memory: "2GB", record: 32_000_000 },
} as const satisfies Record<string, Limits>;

/**
 * @param spill path of a folder for what does not fit into memory, made where it is needed; absent where
 *   nothing has to be kept
 * @throws UsageError where DuckDB is not installed, or what went wrong within it
 */
export async function workWithDuckDb<T>(
  work: (connection: DuckDBConnection, limits: Limits) => Promise<T>,
  { spill = "", signal }: WorkOptions = {},
): Promise<T> {
  const { DuckDBInstance } = await requireDuckDb();
  const attempt = async (given: Limits) => {
    const instance = await DuckDBInstance.create(":memory:", {
      memory_limit: given.memory,
      // With a single thread, rows keep their order without anything that waits for its turn.
      threads: "1",
      preserve_insertion_order: "false",
      // What has been done with is given back at once, rather than when more of it has come together.
      allocator_flush_threshold: "16MB",
      allocator_background_threads: "true",
      temp_directory: spill,
      autoinstall_known_extensions: "false",
      autoload_known_extensions: "false",
    });
    try {
      const connection = await instance.connect();
      try {
        return await untilAborted(connection, signal, () => work(connection, given));
      } finally {
        connection.closeSync();
      }
    } finally {
      instance.closeSync();
    }
  };
  try {
    try {
      return await attempt(limits.usual);
    } catch (error) {
      if (!isTooLarge(error)) {
        throw error;
      }
      return await attempt(limits.largest);
    }
  } catch (error) {
    signal?.throwIfAborted();
    throw error;
  }
}

/** @throws UsageError with the command to type, where DuckDB is not installed */
export async function requireDuckDb() {
  return await importDuckDb("Parquet");
}
