import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { countEvents, UsageError } from "../../src/index.js";
import { newFolder, runCommand } from "../support/command.js";
import { page, startScriptedServer } from "../support/scripted-server.js";

const apiKey = "0123456789abcdef0123456789abcdef01234567";
const env = { SPARKPOST_API_KEY: apiKey };

/** What SparkPost is asked for. */
async function asked(args: readonly string[], files: Readonly<Record<string, string>> = {}) {
  const server = await startScriptedServer([page([{ type: "bounce" }])]);
  const cwd = await newFolder();
  for (const [name, text] of Object.entries(files)) {
    await writeFile(join(cwd, name), text, { mode: 0o600 });
  }
  const { code, stderr } = await runCommand(
    ["yesterday", "--dry-run", "--host", server.origin, ...args],
    { cwd, env },
  );
  const codes = server.requests.map((path) =>
    new URL(path, server.origin).searchParams.get("bounce_classes"),
  );
  return { code, codes, stderr };
}

const hard = { code: 0, codes: ["10,30,90"], stderr: "" };

describe("--bounce-classes takes", () => {
  test.each([
    ["hard", "10,30,90"],
    ["Hard, Block", "10,30,90,50,51,52,53,54"],
    ["soft", "20,21,22,23,24,40,60,70,100"],
    ["admin", "25,80"],
    ["UNDETERMINED", "1"],
    ["Invalid Recipient", "10"],
    ["mailbox-full, mailbox_full, 22, MailboxFull", "22"],
    ["Generic Bounce: No RCPT", "30"],
    ["hard, 10", "10,30,90"],
    ["Soft Bounce", "20"],
    ["10,51", "10,51"],
  ])("%j", async (list, expected) => {
    expect(await asked(["--bounce-classes", list])).toEqual({ ...hard, codes: [expected] });
  });

  test("names in a file, as the ini file does", async () => {
    const files = {
      "classes.txt": "Invalid Recipient\ngeneric_bounce_no_rcpt\nunsubscribe\n",
      "sparkpost.ini": "[SparkPost]\nBounceClasses = hard, invalid-recipient\n",
    };
    expect(await asked(["--bounce-classes", "@classes.txt"], files)).toEqual(hard);
    expect(await asked([], files)).toEqual(hard);
  });

  test("a code that is not documented, with a warning", async () => {
    expect(await asked(["--bounce-classes", "11"])).toEqual({
      code: 0,
      codes: ["11"],
      stderr:
        "warning: --bounce-classes: 11: SparkPost documents no such bounce class. It is asked for as it is.\n",
    });
  });

  test.each([
    ["hrad", "Did you mean hard? "],
    ["mail box ful", "Did you mean Mailbox Full? "],
    ["permanent", ""],
  ])("no other words: %j", async (word, question) => {
    const hint = `${question}Write a code, a name, or one of undetermined, hard, soft, admin, block; sparky-events bounce-classes lists them.\n`;
    expect(await asked(["--bounce-classes", `10,${word}`])).toEqual({
      code: 2,
      codes: [],
      stderr: `error: --bounce-classes: There is no bounce class "${word}".\n${hint}`,
    });
    expect(
      await asked([], { "sparkpost.ini": `[SparkPost]\nBounceClasses = ${word}\n` }),
    ).toMatchObject({
      code: 2,
      stderr: `error: sparkpost.ini, line 2: BounceClasses: There is no bounce class "${word}".\n${hint}`,
    });
  });
});

test("the library takes the same words", async () => {
  const server = await startScriptedServer([page([])]);
  const connection = { apiKey, host: server.origin };
  const range = { from: Date.parse("2026-11-19T00:00Z"), to: Date.parse("2026-11-20T00:00Z") };
  await countEvents(connection, { ...range, filters: { bounce_classes: ["Hard", "52"] } });
  expect(server.requests[0]).toContain("bounce_classes=10,30,90,52");
  await expect(
    countEvents(connection, { ...range, filters: { bounce_classes: ["hrad"] } }),
  ).rejects.toThrow(UsageError);
});
