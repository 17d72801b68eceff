import { duckDb, postgres, type StoreHarness } from "../store/store-harness.js";

/** A store of a test's own, as a command line names it. */
export interface NamedStore {
  /** Without a password. */
  readonly name: string;
  /** What a command needs to be let in. */
  readonly env: Readonly<Record<string, string>>;
  /** Runs plain SQL; nobody else has the store open. */
  sql(statement: string): Promise<Record<string, unknown>[]>;
  /** The texts of all events, sorted. */
  texts(): Promise<string[]>;
}

export const storeEngines: readonly StoreHarness[] = [duckDb, postgres];

export async function nameStore(harness: StoreHarness): Promise<NamedStore> {
  const address = await harness.newAddress();
  const sql = (statement: string) => harness.sql(address, statement);
  const texts = async () =>
    (await sql("select event from sparky_events.events")).map(({ event }) => String(event)).sort();
  if (harness.engine === "DuckDB") {
    return { name: address, env: {}, sql, texts };
  }
  const url = new URL(address);
  const env = { PGPASSWORD: decodeURIComponent(url.password) };
  url.password = "";
  return { name: url.href, env, sql, texts };
}
