import { expect, test } from "vitest";
import { parseStoreAddress } from "../../src/store/store-address.js";

test("tells a file from a database, and shows no password", () => {
  expect(parseStoreAddress("a/events.duckdb", true)).toEqual({
    engine: "duckdb",
    path: "a/events.duckdb",
    name: "a/events.duckdb",
  });
  expect(parseStoreAddress("events.DB", true).engine).toBe("duckdb");
  for (const url of [
    "postgres://me:secret@db.example.com:5432/events?sslmode=require",
    "postgresql://me@db.example.com:5432/events?password=secret",
  ]) {
    const address = parseStoreAddress(url, false);
    expect(address).toMatchObject({ engine: "postgres", url });
    expect(address.name).toMatch(/^postgres(ql)?:\/\/me@db\.example\.com:5432\/events$/);
    const refused = () => parseStoreAddress(url, true);
    expect(refused).toThrow("A password on the command line can be seen by others.");
    expect(refused).not.toThrow("secret");
  }
});

test.each([
  ["events.csv", '"events.csv" is not the name of a store.'],
  ["", '"" is not the name of a store.'],
  ["mysql://me:secret@host/events", "There is no store for mysql addresses."],
  ["postgres://me:secret@host:port/x", "The address of the PostgreSQL database cannot be read."],
])("refuses %s", (text, message) => {
  expect(() => parseStoreAddress(text, true)).toThrow(message);
});
