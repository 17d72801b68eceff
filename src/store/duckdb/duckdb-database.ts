import type { DuckDBConnection, DuckDBInstance } from "@duckdb/node-api";
import type { Database, Queries, Row, SqlValue } from "../sql/database.js";
import { duckDbDialect } from "./duckdb-dialect.js";
import { duckDbFailure } from "./duckdb-failure.js";

/** An open DuckDB file. Each piece of work has a connection of its own, and so its own transaction. */
export class DuckDbDatabase implements Database {
  readonly dialect = duckDbDialect;
  readonly #instance: DuckDBInstance;
  readonly #path: string;
  readonly #beforeWriting: () => Promise<void>;

  /** @param beforeWriting - what is done before each transaction */
  constructor(instance: DuckDBInstance, path: string, beforeWriting: () => Promise<void>) {
    this.#instance = instance;
    this.#path = path;
    this.#beforeWriting = beforeWriting;
  }

  async rows(sql: string, values?: readonly SqlValue[]): Promise<Row[]> {
    return await this.#connected((connection) => queriesOf(connection).rows(sql, values));
  }

  async change(sql: string, values?: readonly SqlValue[]): Promise<number> {
    await this.#beforeWriting();
    return await this.#connected((connection) => queriesOf(connection).change(sql, values));
  }

  async transaction<T>(work: (queries: Queries) => Promise<T>): Promise<T> {
    await this.#beforeWriting();
    return await this.#connected(async (connection) => {
      await connection.run("begin");
      try {
        const result = await work(queriesOf(connection));
        await connection.run("commit");
        return result;
      } catch (error) {
        // Where it was the commit that failed, there is nothing to roll back.
        await connection.run("rollback").catch(() => undefined);
        throw error;
      }
    });
  }

  close(): void {
    this.#instance.closeSync();
  }

  async #connected<T>(work: (connection: DuckDBConnection) => Promise<T>): Promise<T> {
    try {
      const connection = await this.#instance.connect();
      try {
        return await work(connection);
      } finally {
        connection.closeSync();
      }
    } catch (error) {
      throw duckDbFailure(error, this.#path);
    }
  }
}

function queriesOf(connection: DuckDBConnection): Queries {
  return {
    async rows(sql, values = []) {
      const reader = await connection.runAndReadAll(sql, [...values]);
      return reader
        .getRowObjectsJson()
        .map((row) =>
          Object.fromEntries(
            Object.entries(row).map(([name, value]) => [
              name,
              value === null ? null : String(value),
            ]),
          ),
        );
    },
    async change(sql, values = []) {
      const { rowsChanged } = await connection.run(sql, [...values]);
      return rowsChanged;
    },
  };
}
