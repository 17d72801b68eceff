import { execFile } from "node:child_process";
import { readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { commandLine, newFolder, runCommand } from "../support/command.js";
import { startTestSandbox } from "../support/sandbox.js";

const env = { SPARKPOST_API_KEY: "0123456789abcdef0123456789abcdef01234567" };

/** What the command says when a shell reads its arguments. */
async function inShell(line: string, cwd: string) {
  const words = commandLine([]);
  return new Promise<{ code: unknown; stdout: string; stderr: string }>((resolve) => {
    execFile(
      "sh",
      ["-c", `"$0" "$@" ${line}`, ...words],
      { cwd, env: { PATH: process.env.PATH, HOME: cwd, ...env } },
      (error, stdout, stderr) => resolve({ code: error?.code ?? 0, stdout, stderr }),
    );
  });
}

async function folderOf(...names: string[]): Promise<string> {
  const cwd = await newFolder();
  for (const name of names) {
    await writeFile(join(cwd, name), "");
  }
  return cwd;
}

describe("a * without quotes", () => {
  const properties =
    "error: --properties: a.csv is the name of a file here; a shell puts such names in the place of a * without quotes.\n" +
    "Write --properties '*' for all, --properties @a.csv for the columns that a.csv lists, or --properties '\"a.csv\"' for a property of that name.\n";
  const shellHint = "A shell puts the names of files in the place of a * without quotes.";
  test.each([
    ["yesterday -p *", ["a.csv", "b.csv", "c.csv"], properties],
    ["yesterday -p *", ["a.csv", "b.csv"], properties],
    ["yesterday -p *", ["a.csv"], properties],
    ["-p * yesterday", ["a.csv", "b.csv"], properties],
    ["sync -p *", ["a.csv", "b.csv", "c.csv"], properties],
    [
      "yesterday -p timestamp, *",
      ["a.csv"],
      `error: a.csv is the name of a file here, and no time.\n${shellHint} Put such a list into quotes: --properties 'timestamp, *'\n`,
    ],
    [
      "yesterday -p timestamp, *",
      ["subject", "type"],
      `error: subject is the name of a file here, and no time.\n${shellHint} Put such a list into quotes: --properties 'timestamp, *'\n`,
    ],
    [
      "yesterday --campaigns *",
      ["a.csv", "b.csv"],
      `error: b.csv is the name of a file here, and no time.\n${shellHint} To search for all, leave --campaigns out.\n`,
    ],
    [
      "yesterday -e * now",
      ["2026-11-19.csv", "2026-11-20.csv"],
      `error: 2026-11-20.csv is the name of a file here, and no time.\n${shellHint} To search for all, leave --events out.\n`,
    ],
    [
      "*",
      ["a.csv", "b.csv", "c.csv"],
      `error: a.csv is the name of a file here, and no time.\n${shellHint} For example: sparky-events yesterday\n`,
    ],
    [
      "sync archive --campaigns *",
      ["a.csv", "b.csv"],
      `error: b.csv is the name of a file here, and one folder is all that sync takes.\n${shellHint} To search for all, leave --campaigns out.\n`,
    ],
  ])("%s, where %j are", async (line, files, message) => {
    const cwd = await folderOf(...files);
    expect(await inShell(line, cwd)).toEqual({ code: 2, stdout: "", stderr: message });
    expect(await readdir(cwd)).toEqual(files);
  });

  test("does no harm where there are no files", async () => {
    const { origin } = await startTestSandbox(100);
    const { code, stderr } = await inShell(
      `yesterday -p * -q -o - --host ${origin}`,
      await newFolder(),
    );
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  });

  test("files that are called like a time, a property or a value are in nobody's way", async () => {
    const { origin } = await startTestSandbox(100);
    const cwd = await folderOf("yesterday", "2d", "now", "type", "spring", "list.csv");
    for (const args of ["yesterday -p type", "2d now --campaigns spring", '2d now -p "list.csv"']) {
      const { code, stderr } = await runCommand(
        [...args.split(" "), "--host", origin, "-q", "-o", "-"],
        { cwd, env },
      );
      expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    }
  });

  test("is no value, in quotes either", async () => {
    const cwd = await newFolder();
    expect(await inShell("yesterday --campaigns '*'", cwd)).toMatchObject({
      code: 2,
      stderr:
        "error: --campaigns: * is no value.\nTo search for all, leave it out. For the text * itself, write it in double quotes.\n",
    });
    await writeFile(join(cwd, "sparkpost.ini"), "[SparkPost]\nEvents = *\n");
    expect(await inShell("yesterday", cwd)).toMatchObject({
      code: 2,
      stderr:
        "error: sparkpost.ini, line 2: Events: * is no value.\nTo search for all, leave it out. For the text * itself, write it in double quotes.\n",
    });
  });

  test("a dot is no file", async () => {
    const { stderr } = await inShell("2026-11-17 .. 2026-11-19", await newFolder());
    expect(stderr).toMatch(
      /^error: Two times are expected, from and to, and there are 3 arguments: /,
    );
  });

  test("what is too much is said to be so", async () => {
    expect(await inShell("sync archive other", await newFolder())).toMatchObject({
      code: 2,
      stderr:
        "error: One folder is expected, and there are 2 arguments: archive other\nA value that contains spaces needs quotes.\n",
    });
  });
});

describe("a delimiter", () => {
  const hint =
    "In a shell, ; and | without quotes end the command. Write comma, semicolon, pipe or tab.";
  test.each([
    "yesterday --csv-delimiter ;",
    "yesterday --csv-delimiter ; true",
    "sync --csv-delimiter ;",
    "yesterday --csv-delimiter | cat",
  ])("that the shell takes away: %s", async (line) => {
    const { stderr } = await inShell(line, await newFolder());
    expect(stderr).toContain(`error: option '--csv-delimiter <NAME>' argument missing\n${hint}\n`);
  });

  test("that the shell takes away behind a =", async () => {
    const { stderr } = await inShell("yesterday --csv-delimiter=;", await newFolder());
    expect(stderr).toBe(`error: --csv-delimiter: "" is not a delimiter.\n${hint}\n`);
  });

  test.each([
    ["comma", "type,rcpt_to"],
    ["semicolon", "type;rcpt_to"],
    ["Semicolon", "type;rcpt_to"],
    ["pipe", "type|rcpt_to"],
    ["tab", "type\trcpt_to"],
  ])("may be a word: %s", async (word, header) => {
    const { origin } = await startTestSandbox(100);
    const cwd = await newFolder();
    const line = `yesterday -q -o - -p type,rcpt_to --host ${origin}`;
    const option = await inShell(`${line} --csv-delimiter ${word}`, cwd);
    expect(option.stdout.split("\n")[0]).toBe(header);
    await writeFile(join(cwd, "sparkpost.ini"), `[SparkPost]\nCsvDelimiter = ${word}\n`);
    expect((await inShell(line, cwd)).stdout).toBe(option.stdout);
  });
});
