import { chmod, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { UsageError } from "../../src/errors.js";
import { findPassword, passwordFor } from "../../src/store/postgres/pass-file.js";
import { newFolder } from "../support/command.js";

const login = { host: "db", port: 5432, database: "mail", user: "ann" };

test.each<[string, string | undefined]>([
  ["db:5432:mail:ann:secret", "secret"],
  ["*:*:*:*:a", "a"],
  ["# *:*:*:*:comment\n#db:5432:mail:ann:comment\n\ndb:*:*:ann:secret\r\n", "secret"],
  [
    "other:5432:mail:ann:1\ndb:5433:mail:ann:2\ndb:5432:mails:ann:3\ndb:5432:mail:anna:4",
    undefined,
  ],
  ["db:5432:mail:ann:first\n*:*:*:*:second", "first"],
  ["*:*:*:*:a\\:b\\\\c", "a:b\\c"],
  ["*:*:*:*:", ""],
  ["*:*:*:*", undefined],
  ["", undefined],
])("of %j, the password is %j", (text, password) => {
  expect(findPassword(text, login)).toBe(password);
});

test("names with colons in them, and sockets", () => {
  const socket = { ...login, host: "/var/run/postgresql", database: "a:b" };
  expect(findPassword("localhost:5432:a\\:b:ann:x", socket)).toBe("x");
  expect(findPassword("\\:\\:1:5432:mail:ann:y", { ...login, host: "::1" })).toBe("y");
});

test("a file that others can read is refused, where it has the password", async () => {
  const PGPASSFILE = join(await newFolder(), "pass");
  await expect(passwordFor(login, { PGPASSFILE })).resolves.toBeUndefined();
  await writeFile(PGPASSFILE, "db:5432:mail:ann:secret", { mode: 0o600 });
  await expect(passwordFor(login, { PGPASSFILE })).resolves.toBe("secret");
  await chmod(PGPASSFILE, 0o640);
  await expect(passwordFor(login, { PGPASSFILE })).rejects.toThrow(UsageError);
  await expect(passwordFor({ ...login, host: "other" }, { PGPASSFILE })).resolves.toBeUndefined();
});
