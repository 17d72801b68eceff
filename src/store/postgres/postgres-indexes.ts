import { createHash } from "node:crypto";
import type { Database, Queries } from "../sql/database.js";
import { hashOf } from "./postgres-dialect.js";
import { locks } from "./postgres-locks.js";
import { metadataText } from "./postgres-metadata.js";

/**
 * Makes an index of the metadata that a path leads to, of all partitions, those to come included. What
 * is loaded meanwhile waits.
 *
 * @returns whether there was none yet
 */
export async function addMetadataIndex(
  database: Database,
  path: readonly string[],
): Promise<boolean> {
  const added = await database.transaction(async (queries) => {
    await queries.rows("select pg_advisory_xact_lock($1)", [locks.load]);
    if (await hasIndex(queries, path)) {
      return false;
    }
    const name = nameOf(path);
    // Of hashes: a text may be longer than an index takes.
    await queries.change(
      `create index ${name} on sparky_events.events (${hashOf(metadataText(path))})`,
    );
    // Where no other tells the path, it is to be read from here.
    const [comment] = await queries.rows("select quote_literal($1::text) as text", [
      JSON.stringify(path),
    ]);
    await queries.change(`comment on index sparky_events.${name} is ${comment?.text}`);
    return true;
  });
  if (added) {
    // Without it, the planner does not know how few events an entry leads to.
    await database.change("analyze sparky_events.events");
  }
  return added;
}

/** @returns whether there was one */
export async function removeMetadataIndex(
  database: Database,
  path: readonly string[],
): Promise<boolean> {
  return await database.transaction(async (queries) => {
    await queries.rows("select pg_advisory_xact_lock($1)", [locks.load]);
    const isThere = await hasIndex(queries, path);
    await queries.change(`drop index if exists sparky_events.${nameOf(path)}`);
    return isThere;
  });
}

/** Paths that have an index of their own. */
export async function readIndexedPaths(queries: Pick<Queries, "rows">): Promise<string[][]> {
  const rows = await queries.rows(
    `select obj_description(pg_class.oid, 'pg_class') as path
    from pg_index join pg_class on pg_class.oid = indexrelid
    where indrelid = 'sparky_events.events'::regclass and indisvalid and relname ~ '^${prefix}[0-9a-f]{16}$'
    order by 1`,
  );
  return rows.flatMap(({ path }) => readPath(path));
}

const prefix = "events_metadata_";

function nameOf(path: readonly string[]): string {
  const hash = createHash("sha256").update(JSON.stringify(path)).digest("hex");
  return prefix + hash.slice(0, 16);
}

async function hasIndex(queries: Queries, path: readonly string[]): Promise<boolean> {
  const paths = await readIndexedPaths(queries);
  return paths.some((known) => nameOf(known) === nameOf(path));
}

/** Somebody may have given the index a comment of their own. */
function readPath(comment: string | null | undefined): string[][] {
  try {
    const path: unknown = JSON.parse(comment ?? "");
    return Array.isArray(path) && path.every((name) => typeof name === "string") ? [path] : [];
  } catch {
    return [];
  }
}
