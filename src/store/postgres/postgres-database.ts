import type { Pool, PoolClient } from "pg";
import type { Database, Queries, Row, SqlValue } from "../sql/database.js";
import { postgresDialect } from "./postgres-dialect.js";
import { postgresFailure } from "./postgres-failure.js";

/** A PostgreSQL database, with a few connections. */
export class PostgresDatabase implements Database {
  readonly dialect = postgresDialect;
  readonly #pool: Pool;
  readonly #name: string;

  /** @param name as it is shown */
  constructor(pool: Pool, name: string) {
    this.#pool = pool;
    this.#name = name;
    // A connection that is lost while nothing is asked of it is replaced when it is needed.
    pool.on("error", () => undefined);
  }

  async rows(sql: string, values?: readonly SqlValue[]): Promise<Row[]> {
    return await this.connected((client) => queriesOf(client).rows(sql, values));
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
    await this.#pool.end();
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
