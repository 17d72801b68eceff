import type { Migrations, SchemaSteps } from "../sql/migrations.js";
import { factTables, keyColumns } from "../sql/schema.js";
import { hourIndex, hourTable, hourTriggers } from "./postgres-counts.js";
import { hashOf, postgresDialect } from "./postgres-dialect.js";
import { locks } from "./postgres-locks.js";
import { metadataFunction } from "./postgres-metadata.js";

const migrations: Migrations = [
  [
    ...factTables(postgresDialect),
    // Ids compare by their bytes, whatever the database's own order of texts.
    `create table sparky_events.events (
      time timestamptz not null,
      identity text collate "C" not null,
      form smallint not null,
      ${keyColumns.map((name) => `${name} text collate "C",`).join("\n      ")}
      event text not null
    ) partition by range (time)`,
    // Also the order of searches. What is doubled is refused here, whoever loads at the same time.
    "create unique index events_identity on sparky_events.events (time, identity)",
    // Of hashes: a text may be longer than an index takes, and most are longer than a hash.
    `create index events_recipient on sparky_events.events (${hashOf("lower(rcpt_to)")}, time)`,
    `create index events_message on sparky_events.events (${hashOf("message_id")})`,
    metadataFunction,
    hourTable,
    hourIndex,
    ...hourTriggers,
  ],
];

export const postgresSchema: SchemaSteps = {
  migrations,
  async prepare(queries) {
    await queries.rows("select pg_advisory_xact_lock($1)", [locks.schema]);
    if (!(await postgresSchema.hasMigrations(queries))) {
      await queries.change("create schema if not exists sparky_events");
      await queries.change(
        `create table sparky_events.migrations (
          version integer primary key,
          applied_at timestamptz not null default now()
        )`,
      );
    }
  },
  async hasMigrations(queries) {
    const [row] = await queries.rows(
      `select 1 as found from pg_class join pg_namespace on pg_namespace.oid = relnamespace
      where nspname = 'sparky_events' and relname = 'migrations'`,
    );
    return row !== undefined;
  },
};
