import type { Client, ClientConfig, Pool, PoolClient } from "pg";
import { BusyError } from "../../errors.js";
import type { PageRequest, SearchQuery } from "../../events-api/event-search.js";
import { importPackage } from "../../import-package.js";
import type { EventStore, LoadBatch, OpenOptions } from "../event-store.js";
import { forgetRecipient } from "../sql/forgotten.js";
import { bringUpToDate } from "../sql/migrations.js";
import { removeEventsBefore, SqlStore } from "../sql/sql-store.js";
import { passwordFor } from "./pass-file.js";
import { recountFrom } from "./postgres-counts.js";
import { PostgresDatabase } from "./postgres-database.js";
import { postgresFailure } from "./postgres-failure.js";
import { addMetadataIndex, readIndexedPaths, removeMetadataIndex } from "./postgres-indexes.js";
import { loadIntoPostgres } from "./postgres-load.js";
import { locks } from "./postgres-locks.js";
import { dropPartitionsBefore } from "./postgres-partitions.js";
import { postgresSchema } from "./postgres-schema.js";
import { vacuumPostgres } from "./postgres-vacuum.js";

/** How long to wait until the server takes a connection, in milliseconds. */
const patience = 15_000;

const defaultSearches = 4;

/** Opens a store in a PostgreSQL database, in a schema of its own. */
export async function openPostgresStore(
  { url, name }: { readonly url: string; readonly name: string },
  options: OpenOptions,
): Promise<EventStore> {
  const packages = "pg pg-copy-streams";
  const use = "A store in PostgreSQL";
  const { default: pg } = await importPackage(() => import("pg"), use, packages);
  const { from } = await importPackage(() => import("pg-copy-streams"), use, packages);
  const connectionString = await withPassword(url, pg.Client);
  // The pool's own limit would hold for a wait until a connection is free, too.
  class PatientClient extends pg.Client {
    constructor(config?: ClientConfig) {
      super({ ...config, connectionTimeoutMillis: patience });
    }
  }
  const newPool = (max: number): Pool =>
    new pg.Pool({
      Client: PatientClient,
      connectionString,
      application_name: "sparky-events",
      max,
      keepAlive: true,
      // All as text, so that no number loses a digit.
      types: { getTypeParser: () => (text: unknown) => text },
    });
  let database: PostgresDatabase;
  try {
    const pools = {
      searches: newPool(options.searches ?? defaultSearches),
      cancels: newPool(1),
      others: newPool(4),
    };
    database = new PostgresDatabase(pools, name);
  } catch (error) {
    throw postgresFailure(error, name);
  }
  try {
    const schemaVersion = await bringUpToDate(database, postgresSchema, options, name);
    return new PostgresStore(name, database, schemaVersion, from);
  } catch (error) {
    await database.close();
    throw error;
  }
}

/** The address with the password that a file has for it, unless there is one already. */
async function withPassword(url: string, PgClient: typeof Client): Promise<string> {
  let login: Client;
  try {
    login = new PgClient({ connectionString: url });
  } catch {
    // Whoever connects says what is wrong.
    return url;
  }
  const { host, port, database = "", user = "", password } = login;
  const found = password ? undefined : await passwordFor({ host, port, database, user });
  if (found === undefined) {
    return url;
  }
  const complete = new URL(url);
  // Unlike the place before the host, this takes it where there is no host, too.
  complete.searchParams.set("password", found);
  return complete.href;
}

class PostgresStore extends SqlStore implements EventStore {
  readonly name: string;
  readonly #database: PostgresDatabase;
  readonly #schemaVersion: number;
  readonly #copyFrom: typeof import("pg-copy-streams")["from"];
  #letGo: (() => void) | undefined;
  #reservation: Promise<unknown> | undefined;
  #isOpen = true;

  constructor(
    name: string,
    database: PostgresDatabase,
    schemaVersion: number,
    copyFrom: typeof import("pg-copy-streams")["from"],
  ) {
    super(database);
    this.name = name;
    this.#database = database;
    this.#schemaVersion = schemaVersion;
    this.#copyFrom = copyFrom;
  }

  async load(batch: LoadBatch) {
    return await this.#database.transaction((queries, client) =>
      loadIntoPostgres({ queries, client, copyFrom: this.#copyFrom }, batch),
    );
  }

  async removeBefore(moment: number) {
    const { timeType } = this.#database.dialect;
    return await this.#database.transaction(async (queries) => {
      await queries.rows("select pg_advisory_xact_lock($1)", [locks.load]);
      const dropped = await dropPartitionsBefore(queries, moment);
      const removed = await removeEventsBefore(queries, timeType, moment);
      await recountFrom(queries, moment);
      return dropped + removed;
    });
  }

  async forget(address: string, moment: number) {
    const { dialect } = this.#database;
    return await this.#database.transaction(async (queries) => {
      await queries.rows("select pg_advisory_xact_lock($1)", [locks.load]);
      return await forgetRecipient(queries, dialect, address, moment);
    });
  }

  async compact() {
    const before = await this.#bytesOnDisk();
    await vacuumPostgres(this.#database, this.name);
    const after = await this.#bytesOnDisk();
    await this.close();
    return { before, after };
  }

  async addIndex(path: readonly string[]) {
    return await addMetadataIndex(this.#database, path);
  }

  async removeIndex(path: readonly string[]) {
    return await removeMetadataIndex(this.#database, path);
  }

  override async find(query: SearchQuery, page: PageRequest, signal: AbortSignal) {
    if (query.metadata.length > 0) {
      // Somebody may have made one, or dropped it, since a server began.
      await this.#database.lookForIndexes();
    }
    return await super.find(query, page, signal);
  }

  async info() {
    const [server] = await this.#database.rows(
      "select current_setting('server_version') as version",
    );
    return {
      ...(await this.extent()),
      bytesOnDisk: await this.#bytesOnDisk(),
      schemaVersion: this.#schemaVersion,
      engine: `PostgreSQL ${server?.version}`,
      indexes: await readIndexedPaths(this.#database),
    };
  }

  async reserve() {
    const client = await this.#takeLock();
    this.#letGo = client;
  }

  /** A schema stays: it is no file that would be in anybody's way. */
  async discardIfEmpty() {}

  async close() {
    if (!this.#isOpen) {
      return;
    }
    this.#isOpen = false;
    this.#letGo?.();
    await this.#reservation;
    await this.#database.close();
  }

  async #bytesOnDisk(): Promise<number> {
    const [size] = await this.#database.rows(
      `select sum(pg_total_relation_size(pg_class.oid)) as bytes
      from pg_class join pg_namespace on pg_namespace.oid = relnamespace
      where nspname = 'sparky_events' and relkind = 'r'`,
    );
    return Number(size?.bytes);
  }

  /** Holds the lock of syncs on a connection of its own, until what is returned is called. */
  async #takeLock(): Promise<() => void> {
    return await new Promise((resolve, reject) => {
      this.#reservation = this.#database
        .connected(async (client: PoolClient) => {
          const { rows } = await client.query<{ free: string }>(
            "select pg_try_advisory_lock($1) as free",
            [locks.sync],
          );
          if (rows[0]?.free !== "t") {
            throw new BusyError(`Another sync is at work on ${this.name}.`, {
              hint: "Run it again when that has ended.",
            });
          }
          await new Promise<void>((letGo) => resolve(letGo));
          await client.query("select pg_advisory_unlock($1)", [locks.sync]);
        })
        .catch(reject);
    });
  }
}
