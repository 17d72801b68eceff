import { rmSync } from "node:fs";
import { DuckDBInstance } from "@duckdb/node-api";
import { fileInWorkspace } from "../workspace.js";

/** A store in a file, and the predecessor's table in another. */
export async function openDuckDb() {
  const address = fileInWorkspace("events.duckdb");
  const reference = fileInWorkspace("predecessor.duckdb");
  const instance = await DuckDBInstance.create(reference, { threads: "2" });
  const connection = await instance.connect();
  await connection.run("create table predecessor (event json)");
  return {
    name: "DuckDB",
    address,
    env: {},
    async loadReference(path) {
      await connection.run(
        `insert into predecessor select json from read_json_objects($1, format = 'newline_delimited')`,
        [path],
      );
    },
    async query(sql, values) {
      return (await connection.runAndReadAll(sql, values)).getRows();
    },
    async referenceBytes() {
      await connection.run("checkpoint");
      const reader = await connection.runAndReadAll(
        "select sum(total_blocks * block_size)::bigint from pragma_database_size() where database_name <> 'temp'",
      );
      return Number(reader.getRows()[0][0]);
    },
    async close() {
      connection.closeSync();
      instance.closeSync();
      for (const file of [address, reference]) {
        rmSync(file, { force: true });
      }
    },
  };
}
