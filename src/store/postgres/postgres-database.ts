import type { Pool, PoolClient } from "pg";
import type { Database, Dialect, PageToRead, Queries, ReadPage } from "../sql/database.js";
import type { Row, SqlValue } from "../sql/sql-values.js";
import { dialectWith, postgresDialect } from "./postgres-dialect.js";
import { postgresFailure } from "./postgres-failure.js";
import { readIndexedPaths } from "./postgres-indexes.js";
import { readPostgresPage } from "./postgres-page.js";

/** A PostgreSQL database, with a few connections. */
export class PostgresDatabase implements Database {
  #dialect: Dialect = postgresDialect;
  readonly #pool: Pool;
  readonly #cancelPool: Pool;
  readonly #name: string;

  /**
   * @param cancelPool for what cancels the work of the others, however busy these are
   * @param name as it is shown
   */
  constructor(pool: Pool, cancelPool: Pool, name: string) {
    this.#pool = pool;
    this.#cancelPool = cancelPool;
    this.#name = name;
    // A connection that is lost while nothing is asked of it is replaced when it is needed.
    pool.on("error", () => undefined);
    cancelPool.on("error", () => undefined);
  }

  get dialect(): Dialect {
    return this.#dialect;
  }

  /** Lets searches use the indexes that there are now. */
  async lookForIndexes(): Promise<void> {
    this.#dialect = dialectWith(await readIndexedPaths(this));
  }

  async rows(sql: string, values?: readonly SqlValue[], signal?: AbortSignal): Promise<Row[]> {
    if (!signal) {
      return await this.connected((client) => queriesOf(client).rows(sql, values));
    }
    try {
      return await this.connected((client) =>
        this.#untilAborted(client, signal, () => queriesOf(client).rows(sql, values)),
      );
    } catch (error) {
      signal.throwIfAborted();
      throw error;
    }
  }

  async readPage(page: PageToRead, signal: AbortSignal): Promise<ReadPage> {
    return await readPostgresPage(this, page, signal);
  }

  async change(sql: string, values?: readonly SqlValue[]): Promise<number> {
    return await this.connected((client) => queriesOf(client).change(sql, values));
  }

  async transaction<T>(work: (queries: Queries, client: PoolClient) => Promise<T>): Promise<T> {
    return await this.connected(async (client) => {
      await client.query("begin");
      const result = await work(queriesOf(client), client);
      await client.query("commit");
      return result;
    });
  }

  /** Runs what needs one connection. Where it fails the connection is given up, and all that it had begun. */
  async connected<T>(work: (client: PoolClient) => Promise<T>): Promise<T> {
    let client: PoolClient | undefined;
    try {
      client = await this.#pool.connect();
      client.on("error", ignore);
      const result = await work(client);
      client.off("error", ignore);
      client.release();
      return result;
    } catch (error) {
      client?.release(true);
      throw postgresFailure(error, this.#name);
    }
  }

  async close(): Promise<void> {
    await Promise.all([this.#pool.end(), this.#cancelPool.end()]);
  }

  /** Cancels what runs on a connection when a signal is aborted; the connection is given up then. */
  async #untilAborted<T>(
    client: PoolClient,
    signal: AbortSignal,
    work: () => Promise<T>,
  ): Promise<T> {
    signal.throwIfAborted();
    let cancelling: Promise<unknown> | undefined;
    const cancel = () => {
      const { processID } = client as PoolClient & { readonly processID: number };
      cancelling = this.#cancelPool
        .query("select pg_cancel_backend($1)", [processID])
        .catch(() => undefined);
    };
    signal.addEventListener("abort", cancel, { once: true });
    try {
      return await work();
    } finally {
      signal.removeEventListener("abort", cancel);
      await cancelling;
      signal.throwIfAborted();
    }
  }
}

/** The query that was under way fails with the same error. */
function ignore(): void {}

function queriesOf(client: PoolClient): Queries {
  return {
    async rows(sql, values = []) {
      const { rows } = await client.query<Row>(sql, [...values]);
      return rows;
    },
    async change(sql, values = []) {
      const { rowCount } = await client.query(sql, [...values]);
      return rowCount ?? 0;
    },
  };
}
