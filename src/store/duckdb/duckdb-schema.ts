import type { Migrations, SchemaSteps } from "../sql/migrations.js";
import { factTables, keyColumns } from "../sql/schema.js";
import { duckDbDialect } from "./duckdb-dialect.js";
import { recipientHash } from "./recipient-hash.js";

const migrations: Migrations = [
  [
    ...factTables(duckDbDialect),
    // No index: a load compares the ids of its own range of time, and columns are quick to search.
    `create table sparky_events.events (
      time timestamp not null,
      identity varchar not null,
      form utinyint not null,
      ${keyColumns.map((name) => `${name} varchar using compression dict_fsst,`).join("\n      ")}
      ${recipientHash} uinteger,
      event varchar not null using compression zstd
    )`,
  ],
];

export const duckDbSchema: SchemaSteps = {
  migrations,
  async prepare(queries) {
    await queries.change(
      `create table if not exists sparky_events.migrations (
        version integer primary key,
        applied_at timestamp not null default (now() at time zone 'UTC')
      )`,
    );
  },
  async hasMigrations(queries) {
    const rows = await queries.rows(
      `select 1 as found from duckdb_tables()
      where database_name = 'sparky_events' and table_name = 'migrations'`,
    );
    return rows.length > 0;
  },
};
