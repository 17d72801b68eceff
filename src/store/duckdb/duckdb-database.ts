import type { DuckDBBlobValue, DuckDBConnection, DuckDBInstance } from "@duckdb/node-api";
import { isOutOfMemory } from "../../duckdb/too-large.js";
import { untilAborted } from "../../duckdb/until-aborted.js";
import type { Database, Queries, Searcher } from "../sql/database.js";
import type { Row, SqlValue } from "../sql/sql-values.js";
import { duckDbDialect } from "./duckdb-dialect.js";
import { duckDbFailure } from "./duckdb-failure.js";
import { largeMemory, largestMemory } from "./duckdb-options.js";
import { readDuckDbPage } from "./duckdb-page.js";

/** An open DuckDB file. Each piece of work has a connection of its own, and so its own transaction. */
export class DuckDbDatabase implements Database {
  readonly dialect = duckDbDialect;
  readonly #instance: DuckDBInstance;
  readonly #path: string;
  readonly #beforeWriting: () => Promise<void>;
  #writing: Promise<unknown> = Promise.resolve();
  /** Number of transactions that were committed. */
  changes = 0;

  /** @param beforeWriting - what is done before each transaction */
  constructor(instance: DuckDBInstance, path: string, beforeWriting: () => Promise<void>) {
    this.#instance = instance;
    this.#path = path;
    this.#beforeWriting = beforeWriting;
  }

  async rows(sql: string, values?: readonly SqlValue[]): Promise<Row[]> {
    return await this.#connected((connection) => queriesOf(connection).rows(sql, values));
  }

  /** All queries of a search see the same events. */
  async searching<T>(work: (searcher: Searcher) => Promise<T>, signal: AbortSignal): Promise<T> {
    for (const memory of [largeMemory, largestMemory]) {
      try {
        return await this.#search(work, signal);
      } catch (error) {
        if (!(error instanceof Error && isOutOfMemory(error.cause))) {
          throw error;
        }
        await this.rows(`set memory_limit = '${memory}'`);
      }
    }
    return await this.#search(work, signal);
  }

  async #search<T>(work: (searcher: Searcher) => Promise<T>, signal: AbortSignal): Promise<T> {
    return await this.#connected(async (connection) => {
      await connection.run("begin");
      const result = await work(searcherOn(connection));
      await connection.run("commit");
      return result;
    }, signal);
  }

  async change(sql: string, values?: readonly SqlValue[]): Promise<number> {
    await this.#beforeWriting();
    return await this.#connected((connection) => queriesOf(connection).change(sql, values));
  }

  /** One at a time: what a load looks for may be what another is about to add. */
  async transaction<T>(work: (queries: Queries) => Promise<T>): Promise<T> {
    const result = this.#writing.then(() => this.#transact(work));
    this.#writing = result.catch(() => undefined);
    return await result;
  }

  close(): void {
    this.#instance.closeSync();
  }

  async #transact<T>(work: (queries: Queries) => Promise<T>): Promise<T> {
    await this.#beforeWriting();
    return await this.#connected(async (connection) => {
      await connection.run("begin");
      try {
        const result = await work(queriesOf(connection));
        await connection.run("commit");
        this.changes++;
        return result;
      } catch (error) {
        // Where it was the commit that failed, there is nothing to roll back.
        await connection.run("rollback").catch(() => undefined);
        throw error;
      }
    });
  }

  async #connected<T>(
    work: (connection: DuckDBConnection) => Promise<T>,
    signal?: AbortSignal,
  ): Promise<T> {
    try {
      const connection = await this.#instance.connect();
      try {
        return await untilAborted(connection, signal, () => work(connection));
      } finally {
        connection.closeSync();
      }
    } catch (error) {
      signal?.throwIfAborted();
      throw duckDbFailure(error, this.#path);
    }
  }
}

function searcherOn(connection: DuckDBConnection): Searcher {
  const queries = {
    ...queriesOf(connection),
    async placed(sql: string, values: readonly SqlValue[] = []) {
      const texts: Uint8Array[] = [];
      // As they come: all at once would take more memory than DuckDB may have.
      const result = await connection.stream(sql, [...values]);
      for await (const chunk of result) {
        const [places, blobs] = [chunk.getColumnVector(0), chunk.getColumnVector(1)];
        for (let row = 0; row < chunk.rowCount; row++) {
          texts[Number(places.getItem(row)) - 1] = (blobs.getItem(row) as DuckDBBlobValue).bytes;
        }
      }
      return texts;
    },
  };
  return {
    dialect: duckDbDialect,
    rows: queries.rows,
    readPage: (page) => readDuckDbPage(queries, page),
  };
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
