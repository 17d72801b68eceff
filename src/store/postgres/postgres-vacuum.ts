import type { PoolClient } from "pg";
import { StoreRefusedError } from "../../errors.js";
import type { PostgresDatabase } from "./postgres-database.js";

/**
 * Lets the server take back what removed events took. Nobody has to wait meanwhile, and what is free at
 * the end of a table is given back to the disk; the rest is for events to come.
 *
 * @throws StoreRefusedError where the user may not do that: the server goes on with a warning then
 */
export async function vacuumPostgres(database: PostgresDatabase, name: string): Promise<void> {
  await database.connected(async (client) => {
    const warnings: string[] = [];
    const listen = ({ severity, message }: Notice) => {
      if (severity === "WARNING") {
        warnings.push(message ?? "");
      }
    };
    client.on("notice", listen);
    try {
      for (const { table } of await tablesOf(client)) {
        await client.query(`vacuum (analyze, index_cleanup on) sparky_events.${table}`);
      }
    } finally {
      client.off("notice", listen);
    }
    const [refused] = warnings;
    if (refused !== undefined) {
      throw new StoreRefusedError(`${name} does not let this user do that: ${refused}.`, {
        hint: "It takes the user who owns the tables.",
      });
    }
  });
}

interface Notice {
  readonly severity: string | undefined;
  readonly message: string | undefined;
}

/** Names of the tables; one that has partitions stands for these. */
async function tablesOf(client: PoolClient): Promise<readonly { readonly table: string }[]> {
  const { rows } = await client.query<{ table: string }>(
    `select quote_ident(relname) as table
    from pg_class join pg_namespace on pg_namespace.oid = relnamespace
    where nspname = 'sparky_events' and relkind in ('r', 'p') and not relispartition order by 1`,
  );
  return rows;
}
