import { importPackage } from "../import-package.js";

export type DuckDb = typeof import("@duckdb/node-api");

/**
 * The package is large, and optional.
 *
 * @param use what it is for, as a sentence begins with it
 * @throws UsageError with the command to type, where it is not installed
 */
export async function importDuckDb(use: string): Promise<DuckDb> {
  return await importPackage(() => import("@duckdb/node-api"), use, "@duckdb/node-api");
}
