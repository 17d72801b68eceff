import { chmod, chown, mkdir, open, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { quoted } from "../../duckdb/sql-text.js";
import { OutputError, UsageError } from "../../errors.js";
import { hasCode, isForbidden } from "../../files/errno.js";
import { renameFlushed } from "../../files/rename-and-link.js";
import type { Database } from "../sql/database.js";
import type { DuckDbDatabase } from "./duckdb-database.js";
import { duckDbFailure } from "./duckdb-failure.js";
import { writeOptions } from "./duckdb-options.js";

/**
 * Copies a database into a new file, which takes its place: what events that were removed have left in
 * the file goes with it. Whoever has the file open for writing has it alone, so nothing changes in
 * between. Afterwards the database has to be closed.
 *
 * @param makeEmpty makes the file of a store that is empty
 */
export async function compactDuckDb(
  database: DuckDbDatabase,
  file: string,
  makeEmpty: (path: string) => Promise<void>,
): Promise<void> {
  const folder = folderOf(file);
  await removeCompacted(file);
  await mkdir(folder, { mode: 0o700 });
  try {
    const made = join(folder, "new.duckdb");
    await makeEmpty(made);
    await copyAll(database, file, made);
    await keepAccess(file, made);
    // The log of the old file would be taken for one of the new. Detached, the old one is not written to.
    await database.rows("checkpoint sparky_events");
    await putInPlace(database, made, file);
  } catch (error) {
    throw duckDbFailure(error, file);
  } finally {
    await removeCompacted(file);
  }
}

async function putInPlace(database: DuckDbDatabase, made: string, file: string): Promise<void> {
  const detach = () => database.rows("detach sparky_events");
  try {
    await renameFlushed(made, file);
  } catch (error) {
    if (!hasCode(error, "EACCES", "EBUSY", "EPERM")) {
      throw error;
    }
    // Windows gives the name of an open file to no other.
    await detach();
    await renameFlushed(made, file);
    return;
  }
  await detach();
}

/** Removes what was left where a copy was not brought to its end. */
export async function removeCompacted(file: string): Promise<void> {
  await rm(folderOf(file), { recursive: true, force: true });
}

/** @throws UsageError where somebody has put more into a file than events, which would be lost */
export async function requireOwnContent(
  database: Pick<Database, "rows">,
  name: string,
): Promise<void> {
  const rows = await database.rows(
    `select name from (
      select table_name as name, internal from duckdb_tables() where database_name = 'sparky_events'
      union all
      select view_name, internal from duckdb_views() where database_name = 'sparky_events'
      union all
      select index_name, false from duckdb_indexes() where database_name = 'sparky_events'
      union all
      select sequence_name, false from duckdb_sequences() where database_name = 'sparky_events'
      union all
      select function_name, internal from duckdb_functions() where database_name = 'sparky_events'
      union all
      select type_name, internal from duckdb_types() where database_name = 'sparky_events'
    ) where not internal and name not in (${ownTables.map(quoted).join(", ")}) order by name`,
  );
  if (rows.length > 0) {
    const names = rows.map((row) => row.name).join(", ");
    throw new UsageError(`${name} holds more than events: ${names}.`, {
      hint: "It is written anew with what sparky-events put into it. Move what is yours into a file of your own, and drop it here.",
    });
  }
}

const ownTables = ["migrations", "facts", "periods", "forgotten", "forgotten_events", "events"];

async function copyAll(database: DuckDbDatabase, file: string, made: string): Promise<void> {
  await database.rows(`attach ${quoted(made)} as compacted (${writeOptions})`);
  try {
    await database.rows("delete from compacted.migrations");
    for (const table of ownTables) {
      await database.rows(
        `insert into compacted.${table} by name select * from sparky_events.${table}`,
      );
      const [before, after] = await Promise.all(
        ["sparky_events", "compacted"].map((name) => summaryOf(database, `${name}.${table}`)),
      );
      if (before !== after) {
        throw new OutputError(`${file} could not be copied: the copy of its ${table} is another.`, {
          hint: "The store is as it was. Look whether its disk is sound.",
        });
      }
    }
    await database.rows("checkpoint compacted");
  } catch (error) {
    await database.rows("detach compacted").catch(() => undefined);
    throw error;
  }
  await database.rows("detach compacted");
  const copy = await open(made, "r+");
  await copy.sync().finally(() => copy.close());
}

/** Tells a table from any other, as far as its keys go. */
async function summaryOf(database: DuckDbDatabase, table: string): Promise<string> {
  const keys = table.endsWith(".events") ? "time, identity, type" : "*columns(*)";
  const [row] = await database.rows(
    `select count(*) as rows, bit_xor(hash(${keys})) as sum from ${table}`,
  );
  return `${row?.rows} ${row?.sum}`;
}

async function keepAccess(file: string, made: string): Promise<void> {
  const { mode, uid, gid } = await stat(file);
  await chmod(made, mode & 0o777);
  await chown(made, uid, gid).catch((error: unknown) => {
    if (!isForbidden(error)) {
      throw error;
    }
  });
}

function folderOf(file: string): string {
  return `${file}.compact`;
}
