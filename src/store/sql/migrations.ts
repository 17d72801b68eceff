import { UsageError } from "../../errors.js";
import type { OpenOptions } from "../event-store.js";
import type { Database, Queries } from "./database.js";

/** The statements of each version of the schema, oldest first; the first is version 1. */
export type Migrations = readonly (readonly string[])[];

/** How a database is told that it has the schema, and kept to one program at a time while it changes. */
export interface SchemaSteps {
  readonly migrations: Migrations;
  /** Makes the table of migrations where it is absent. */
  prepare(queries: Queries): Promise<void>;
  hasMigrations(queries: Queries): Promise<boolean>;
}

/**
 * Brings the schema of a store to the version of this program, a transaction for each version. Programs
 * that do so at once come to the same end.
 *
 * @param name of the store, as shown
 * @throws UsageError where a newer program made the schema, or an older one and nothing may be changed
 */
export async function bringUpToDate(
  database: Database,
  steps: SchemaSteps,
  { mode, create }: OpenOptions,
  name: string,
): Promise<number> {
  const newest = steps.migrations.length;
  const found = (await steps.hasMigrations(database)) ? await versionOf(database) : 0;
  refuseNewer(found, newest, name);
  if (found < newest && (mode === "read" || (found === 0 && !create))) {
    throw new UsageError(
      found === 0
        ? `${name} is no store of sparky-events yet.`
        : `${name} was made by an older sparky-events.`,
      { hint: `It is brought up to date when it is written to: sparky-events sync --to ${name}` },
    );
  }
  for (let version = found + 1; version <= newest; version++) {
    await database.transaction(async (queries) => {
      await steps.prepare(queries);
      const present = await versionOf(queries);
      refuseNewer(present, newest, name);
      if (present >= version) {
        return;
      }
      await queries.change("insert into sparky_events.migrations (version) values ($1)", [version]);
      for (const statement of steps.migrations[version - 1] ?? []) {
        await queries.change(statement);
      }
    });
  }
  return newest;
}

function refuseNewer(found: number, newest: number, name: string): void {
  if (found > newest) {
    throw new UsageError(
      `${name} was made by a newer sparky-events: its schema is version ${found}, and this program knows ${newest}.`,
      { hint: "Update sparky-events: npm install --global sparky-events@latest" },
    );
  }
}

async function versionOf(queries: Queries): Promise<number> {
  const [row] = await queries.rows(
    "select coalesce(max(version), 0) as version from sparky_events.migrations",
  );
  return Number(row?.version);
}
