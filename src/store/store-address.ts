import { UsageError } from "../errors.js";

/** Where a store is. */
export type StoreAddress =
  | { readonly engine: "duckdb"; readonly path: string; readonly name: string }
  | { readonly engine: "postgres"; readonly url: string; readonly name: string };

/**
 * Reads what names a store: the path of a DuckDB file, or the address of a PostgreSQL database.
 *
 * @param typed whether it stood on a command line, where others see a password
 * @throws UsageError where it is neither, or holds a password that was typed
 */
export function parseStoreAddress(text: string, typed: boolean): StoreAddress {
  if (/^postgres(?:ql)?:/i.test(text)) {
    return postgresAddress(text, typed);
  }
  if (/^[a-z][a-z\d+.-]+:\/\//i.test(text)) {
    throw new UsageError(`There is no store for ${text.slice(0, text.indexOf(":"))} addresses.`, {
      hint: "Name a file such as events.duckdb, or a database such as postgres://user@host/database.",
    });
  }
  if (!/\.(?:duckdb|db)$/i.test(text)) {
    throw new UsageError(`${JSON.stringify(text)} is not the name of a store.`, {
      hint: "Name a file that ends in .duckdb or .db, or a database such as postgres://user@host/database.",
    });
  }
  return { engine: "duckdb", path: text, name: text };
}

function postgresAddress(text: string, typed: boolean): StoreAddress {
  let url: URL;
  try {
    url = new URL(text);
  } catch {
    // It may hold a password, so it is not shown.
    throw new UsageError("The address of the PostgreSQL database cannot be read.", {
      hint: "Write it as postgres://user@host:5432/database, with %40 for an @ in a name.",
    });
  }
  const hasPassword = url.password !== "" || url.searchParams.has("password");
  if (hasPassword && typed) {
    throw new UsageError("A password on the command line can be seen by others.", {
      hint: "Leave it out of the address, and put it into PGPASSWORD, or into ~/.pgpass or the file that PGPASSFILE names.",
    });
  }
  const shown = new URL(url);
  shown.password = "";
  shown.search = "";
  return { engine: "postgres", url: text, name: shown.href };
}
