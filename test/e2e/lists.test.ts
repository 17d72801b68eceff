import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { newFolder, runCommand } from "../support/command.js";
import { startTestSandbox } from "../support/sandbox.js";

const env = { SPARKPOST_API_KEY: "0123456789abcdef0123456789abcdef01234567" };

async function folderWithLists(): Promise<string> {
  const cwd = await newFolder();
  await mkdir(join(cwd, "config"));
  await writeFile(join(cwd, "config", "types.txt"), "bounce\n\nout_of_band\n");
  await writeFile(join(cwd, "config", "columns.txt"), "type AS event\nbounce_class, rcpt_to\n");
  return cwd;
}

async function count(cwd: string, origin: string, ...args: string[]) {
  const { code, stdout, stderr } = await runCommand(
    ["yesterday", "--host", origin, "--dry-run", ...args],
    { cwd, env },
  );
  return { code, found: stdout.split("\n")[1], stderr };
}

describe("event types", () => {
  test.each([
    '"bounce", "out_of_band"',
    "@config/types.txt",
    '@"config/types.txt"',
    "bounce,@config/types.txt",
    "Bounce, out-of-band",
    "OUT OF BAND\nbounce",
  ])("are known however they are given: %j", async (list) => {
    const { origin } = await startTestSandbox(5_000);
    const cwd = await folderWithLists();
    const plain = await count(cwd, origin, "--events", "bounce,out_of_band");
    expect(plain.found).toMatch(/^[1-9]/);
    expect(await count(cwd, origin, "--events", list)).toEqual({ ...plain, stderr: "" });
    await writeFile(
      join(cwd, "config", "a.ini"),
      `[SparkPost]\nEvents = ${list.replace("config/", "").replace("\n", "\n  ")}\n`,
    );
    expect(await count(cwd, origin, "-c", "config/a.ini")).toEqual({ ...plain, stderr: "" });
  });

  test("that are unknown are warned of, in quotes and in a file too", async () => {
    const { origin } = await startTestSandbox(100);
    const cwd = await folderWithLists();
    await writeFile(join(cwd, "types.txt"), "bounce\nklick\n");
    const { code, stderr } = await count(cwd, origin, "--events", '"opne", @types.txt');
    expect(code).toBe(0);
    expect(stderr).toMatch(
      /^warning: --events: opne: did you mean open\? It is asked for as it is\.\nwarning: --events: klick: did you mean click\? It is asked for as it is\.\n/,
    );
  });
});

describe("columns", () => {
  async function header(cwd: string, origin: string, ...args: string[]) {
    const { code, stdout, stderr } = await runCommand(
      ["yesterday", "--host", origin, "--quiet", "-o", "-", ...args],
      { cwd, env },
    );
    return { code, header: stdout.split("\n")[0], stderr };
  }

  test.each([
    ["@config/columns.txt", "event,bounce_class,rcpt_to"],
    ['timestamp, @"config/columns.txt", subject', "timestamp,event,bounce_class,rcpt_to,subject"],
    ['rcpt_meta."@config/columns.txt"', "rcpt_meta.@config/columns.txt"],
    ['type AS "a, @config/columns.txt"', '"a, @config/columns.txt"'],
  ])("may be in a file: %j", async (list, expected) => {
    const { origin } = await startTestSandbox(100);
    const cwd = await folderWithLists();
    expect(await header(cwd, origin, "-p", list)).toEqual({
      code: 0,
      header: expected,
      stderr: "",
    });
  });

  test("of the ini file's list are in the folder of the ini file", async () => {
    const { origin } = await startTestSandbox(100);
    const cwd = await folderWithLists();
    await writeFile(
      join(cwd, "config", "a.ini"),
      "[SparkPost]\nProperties = timestamp,\n  @columns.txt\n",
    );
    expect(await header(cwd, origin, "-c", "config/a.ini")).toEqual({
      code: 0,
      header: "timestamp,event,bounce_class,rcpt_to",
      stderr: "",
    });
  });

  test("of a file that is not there are an error", async () => {
    const { code, stderr } = await runCommand(
      ["yesterday", "--host", "http://127.0.0.1:9", "-p", "type, @no.txt"],
      { cwd: await newFolder(), env },
    );
    expect({ code, stderr }).toEqual({
      code: 2,
      stderr:
        'error: --properties: cannot read no.txt: there is no such file.\n@FILE stands for the values in a file, one per line. A value that begins with @ goes into double quotes: "@no.txt"\n',
    });
  });
});
