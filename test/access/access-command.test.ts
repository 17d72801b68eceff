import { createHash } from "node:crypto";
import { chmod, mkdir, readdir, readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { newFolder, runCommand, startCommand } from "../support/command.js";

const file = "events.duckdb.access";

async function access(cwd: string, ...args: string[]) {
  return await runCommand(["access", ...args], { cwd });
}

describe("access add", () => {
  test("prints the key alone, and keeps its hash only, for its owner only", async () => {
    const cwd = await newFolder();
    const { code, stdout, stderr } = await access(cwd, "add", "nightly-report");
    expect(code).toBe(0);
    expect(stdout).toMatch(/^[\da-f]{40}\n$/);
    const key = stdout.trim();
    expect(stderr).toContain("nightly-report");
    expect(stderr).not.toContain(key);
    const text = await readFile(join(cwd, file), "utf8");
    expect(text).not.toContain(key);
    expect(text).toContain(createHash("sha256").update(key).digest("hex"));
    expect(((await stat(join(cwd, file))).mode & 0o777).toString(8)).toBe("600");
    expect(await readdir(cwd)).toEqual([file]);
  });

  test("gives each name a key of its own, with its role", async () => {
    const cwd = await newFolder();
    const roles = ["search", "support", "reports", "admin"];
    const keys = new Set<string>();
    for (const role of roles) {
      keys.add((await access(cwd, "add", `my-${role}`, "--role", role)).stdout);
    }
    expect(keys.size).toBe(4);
    const { stdout } = await access(cwd, "list", "--format", "json");
    expect(JSON.parse(stdout)).toEqual(
      roles.map((role) => ({ name: `my-${role}`, role, created: expect.stringMatching(/Z$/) })),
    );
  });

  test("loses none of those that are added at once", async () => {
    const cwd = await newFolder();
    const names = Array.from({ length: 6 }, (_, index) => `key-${index}`);
    const results = await Promise.all(
      names.map((name) => startCommand(["access", "add", name], { cwd }).finished),
    );
    expect(results.map(({ code }) => code)).toEqual(names.map(() => 0));
    const { stdout } = await access(cwd, "list", "--format", "csv");
    expect(names.filter((name) => !stdout.includes(name))).toEqual([]);
    expect(await readdir(cwd)).toEqual([file]);
  });

  test("keeps a name to one key", async () => {
    const cwd = await newFolder();
    await access(cwd, "add", "me");
    const before = await readFile(join(cwd, file), "utf8");
    const { code, stdout, stderr } = await access(cwd, "add", "me");
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(stderr).toContain("has a key called me already");
    expect(await readFile(join(cwd, file), "utf8")).toBe(before);
  });

  test.each([
    [["--access", "keys.json"], "keys.json"],
    [["--store", "mail.duckdb"], "mail.duckdb.access"],
  ])("%j puts it into %s", async (options, name) => {
    const cwd = await newFolder();
    expect((await access(cwd, "add", "me", ...options)).code).toBe(0);
    expect(await readdir(cwd)).toEqual([name]);
  });

  test("finds the place in sparkpost.ini, from the folder of that on", async () => {
    const cwd = await newFolder();
    await mkdir(join(cwd, "etc"));
    await writeFile(join(cwd, "etc", "mine.ini"), "[SparkPost]\nAccess = keys\n");
    expect((await access(cwd, "add", "me", "--config", "etc/mine.ini")).code).toBe(0);
    expect(await readdir(join(cwd, "etc"))).toEqual(["keys", "mine.ini"]);
  });

  test.each([
    [["add"], "needs the name of a key"],
    [["remove"], "needs the name of a key"],
    [["add", "two words"], "cannot be the name"],
    [["add", "x".repeat(65)], "cannot be the name"],
    [["add", "me", "--role", "boss"], "boss"],
    [["add", "me", "--format", "json"], "takes no --format"],
    [["list", "me"], 'takes no "me"'],
    [["remove", "me", "--role", "admin"], "takes no --role"],
    [["give", "me"], "give"],
    [["add", "me", "--access", "no/such/folder/keys"], "its folder does not exist"],
    [["add", "me", "--store", "postgres://localhost/mail"], "Name one: --access FILE"],
    [["add", "me", "--store", "mail.csv"], "is not the name of a store"],
    [["list"], "There is no access file events.duckdb.access"],
    [["remove", "me"], "There is no access file events.duckdb.access"],
  ])("%j is refused", async (args, reason) => {
    const cwd = await newFolder();
    const { code, stdout, stderr } = await access(cwd, ...args);
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(stderr.replaceAll(/\s+/g, " ")).toContain(reason);
    expect(stderr).not.toContain("    at ");
    expect(await readdir(cwd)).toEqual([]);
  });
});

test("access list shows a table", async () => {
  const cwd = await newFolder();
  await access(cwd, "add", "me", "--role", "admin");
  const { code, stdout } = await access(cwd, "list");
  expect(code).toBe(0);
  expect(stdout).toMatch(/^name +role +created\nme +admin +20\S+Z\n$/);
});

test("access remove takes one key away, and says where there is none", async () => {
  const cwd = await newFolder();
  await access(cwd, "add", "me");
  await access(cwd, "add", "you");
  expect(await access(cwd, "remove", "me")).toMatchObject({ code: 0, stdout: "" });
  expect((await access(cwd, "list", "--format", "csv")).stdout).toMatch(/^name.*\nyou,.*\n$/);
  const { code, stderr } = await access(cwd, "remove", "me");
  expect(code).toBe(2);
  expect(stderr).toContain('has no key called "me"');
  expect(((await stat(join(cwd, file))).mode & 0o777).toString(8)).toBe("600");
});

describe("an access file that cannot be right", () => {
  const sha256 = "a".repeat(64);
  const entry = { name: "me", role: "search", sha256, created: "2026-03-01T00:00:00.000Z" };
  test.each([
    ["", "it is not JSON"],
    ["{", "it is not JSON"],
    ["[]", "it has no list of keys"],
    ["null", "it has no list of keys"],
    ['{"version":1}', "it has no list of keys"],
    ['{"version":2,"keys":[]}', "of another version"],
    [JSON.stringify({ version: 1, keys: [entry, null] }), "its key 2 lacks"],
    [JSON.stringify({ version: 1, keys: [{ ...entry, role: "boss" }] }), "its key 1 lacks"],
    [JSON.stringify({ version: 1, keys: [{ ...entry, sha256: "abc" }] }), "its key 1 lacks"],
    [JSON.stringify({ version: 1, keys: [{ ...entry, name: "a\nb" }] }), "its key 1 lacks"],
    [JSON.stringify({ version: 1, keys: [entry, entry] }), "it has two keys called me"],
  ])("%#: %s", async (text, reason) => {
    const cwd = await newFolder();
    await writeFile(join(cwd, file), text, { mode: 0o600 });
    for (const args of [["list"], ["add", "you"], ["remove", "me"]]) {
      const { code, stdout, stderr } = await access(cwd, ...args);
      expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
      expect(stderr.replaceAll(/\s+/g, " ")).toContain(reason);
    }
    expect(await readFile(join(cwd, file), "utf8")).toBe(text);
  });

  test.each([0o640, 0o604, 0o666, 0o620])("mode %o", async (mode) => {
    const cwd = await newFolder();
    await access(cwd, "add", "me");
    await chmod(join(cwd, file), mode);
    for (const args of [["list"], ["add", "you"], ["remove", "me"]]) {
      const { code, stderr } = await access(cwd, ...args);
      expect(code).toBe(2);
      expect(stderr).toContain(`chmod 600 ${file}`);
    }
  });

  test("a folder in its place", async () => {
    const cwd = await newFolder();
    await mkdir(join(cwd, file), { mode: 0o700 });
    const { code, stderr } = await access(cwd, "list");
    expect(code).toBe(2);
    expect(stderr).toContain("it is a folder");
  });
});
