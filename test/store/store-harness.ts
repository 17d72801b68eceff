import { randomUUID } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DuckDBInstance } from "@duckdb/node-api";
import pg from "pg";
import { inject, onTestFinished } from "vitest";
import { openStore } from "../../src/store/open-store.js";
import { parseStoreAddress } from "../../src/store/store-address.js";

/** What tests of every store need to know about one of them. */
export interface StoreHarness {
  readonly engine: "DuckDB" | "PostgreSQL";
  /** Address of a store that is not there yet, which is taken away after the test. */
  newAddress(): Promise<string>;
  /** Runs plain SQL; nobody else has the store open. */
  sql(address: string, statement: string): Promise<Record<string, unknown>[]>;
}

export async function openAt(address: string, mode: "write" | "read" = "write") {
  const store = await openStore(parseStoreAddress(address, false), {
    mode,
    create: mode === "write",
  });
  onTestFinished(() => store.close());
  return store;
}

export async function newFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "sparky-store-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

export const duckDb: StoreHarness = {
  engine: "DuckDB",
  newAddress: async () => join(await newFolder(), "events.duckdb"),
  async sql(address, statement) {
    const instance = await DuckDBInstance.create(":memory:");
    try {
      const connection = await instance.connect();
      await connection.run(`attach '${address}' as sparky_events`);
      const reader = await connection.runAndReadAll(statement);
      const rows = reader.getRowObjectsJson();
      await connection.run("detach sparky_events");
      return rows;
    } finally {
      instance.closeSync();
    }
  },
};

export const postgres: StoreHarness = {
  engine: "PostgreSQL",
  async newAddress() {
    const server = await serverUrl();
    const name = `test_${randomUUID().replaceAll("-", "")}`;
    await asClient(server, (client) => client.query(`create database ${name} template template0`));
    onTestFinished(async () => {
      await asClient(server, (client) => client.query(`drop database ${name} with (force)`));
    });
    const url = new URL(server);
    url.pathname = name;
    return url.href;
  },
  async sql(address, statement) {
    return await asClient(address, async (client) => (await client.query(statement)).rows);
  },
};

/** Of the PostgreSQL server of this run, as its superuser. */
async function serverUrl(): Promise<string> {
  const answer = await fetch(inject("postgresDoor"));
  if (!answer.ok) {
    throw new Error(await answer.text());
  }
  return await answer.text();
}

async function asClient<T>(url: string, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: url });
  client.on("error", () => undefined);
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}
