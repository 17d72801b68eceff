import { setTimeout } from "node:timers/promises";
import type { Pool, PoolClient, QueryConfig } from "pg";
import type { Database, Dialect, Queries, Searcher } from "../sql/database.js";
import type { Row, SqlValue } from "../sql/sql-values.js";
import { dialectWith, postgresDialect } from "./postgres-dialect.js";
import { postgresFailure } from "./postgres-failure.js";
import { readIndexedPaths } from "./postgres-indexes.js";
import { readPostgresPage } from "./postgres-page.js";

/** Connections, apart, so that none of these has to wait for another. */
interface Pools {
  readonly searches: Pool;
  /** Cancels searches. */
  readonly cancels: Pool;
  readonly others: Pool;
}

/** A PostgreSQL database, with a few connections. */
export class PostgresDatabase implements Database {
  #dialect: Dialect = postgresDialect;
  readonly #pools: Pools;
  readonly #name: string;

  /** @param name as it is shown */
  constructor(pools: Pools, name: string) {
    this.#pools = pools;
    this.#name = name;
    for (const pool of Object.values(pools)) {
      // A connection that is lost while nothing is asked of it is replaced when it is needed.
      pool.on("error", () => undefined);
    }
  }

  get dialect(): Dialect {
    return this.#dialect;
  }

  /** Lets searches use the indexes that there are now. */
  async lookForIndexes(): Promise<void> {
    this.#dialect = dialectWith(await readIndexedPaths(this));
  }

  async rows(sql: string, values?: readonly SqlValue[]): Promise<Row[]> {
    return await this.connected((client) => queriesOf(client).rows(sql, values));
  }

  async searching<T>(work: (searcher: Searcher) => Promise<T>, signal: AbortSignal): Promise<T> {
    try {
      return await this.#connected(this.#pools.searches, (client) =>
        work(this.#searcherOn(client, signal)),
      );
    } catch (error) {
      signal.throwIfAborted();
      throw error;
    }
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
    return await this.#connected(this.#pools.others, work);
  }

  async close(): Promise<void> {
    await Promise.all(Object.values(this.#pools).map((pool) => pool.end()));
  }

  async #connected<T>(pool: Pool, work: (client: PoolClient) => Promise<T>): Promise<T> {
    let client: PoolClient | undefined;
    try {
      client = await pool.connect();
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

  #searcherOn(client: PoolClient, signal: AbortSignal): Searcher {
    const run = <T extends object>(config: QueryConfig & { rowMode?: "array" }): Promise<T[]> =>
      this.#untilAborted(client, signal, async () => (await client.query<T>(config)).rows);
    const queries = {
      dialect: this.#dialect,
      rows: (text: string, values: readonly SqlValue[] = []) =>
        run<Row>({ text, values: [...values] }),
      lists: (text: string, values: readonly SqlValue[]) =>
        run<string[]>({ text, values: [...values], rowMode: "array" }),
    };
    return { ...queries, readPage: (page) => readPostgresPage(queries, page) };
  }

  /** Cancels what runs on a connection when a signal is aborted; the connection is given up then. */
  async #untilAborted<T>(
    client: PoolClient,
    signal: AbortSignal,
    work: () => Promise<T>,
  ): Promise<T> {
    signal.throwIfAborted();
    let isOver = false;
    let cancelling: Promise<void> | undefined;
    const cancel = () => {
      cancelling = this.#cancel(client, () => isOver);
    };
    signal.addEventListener("abort", cancel, { once: true });
    try {
      return await work();
    } finally {
      isOver = true;
      signal.removeEventListener("abort", cancel);
      await cancelling;
      signal.throwIfAborted();
    }
  }

  /** Again and again: on a statement that has not begun yet, it is lost. */
  async #cancel(client: PoolClient, isOver: () => boolean): Promise<void> {
    const { processID } = client as PoolClient & { readonly processID: number };
    while (!isOver()) {
      await this.#pools.cancels
        .query("select pg_cancel_backend($1)", [processID])
        .catch(() => undefined);
      await setTimeout(betweenCancellations);
    }
  }
}

/** In milliseconds. */
const betweenCancellations = 20;

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
