import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { newFolder, runCommand } from "../support/command.js";
import { page, startScriptedServer } from "../support/scripted-server.js";

const key = "0123456789abcdef0123456789abcdef01234567";

/** What strangers chose, and its field as a CSV with commas has it: escaped, and exact. */
const fields = [
  ["x;=1+41;y", "x;'=1+41;y", "x;=1+41;y"],
  ["x|-1\t@a", "x|'-1\t'@a", "x|-1\t@a"],
  ['x; "=1+41"', `"x; ""'=1+41"""`, '"x; ""=1+41"""'],
  ["bot; +http://example.com", "bot; +http://example.com", "bot; +http://example.com"],
] as const;

test("text has an apostrophe wherever another separator would make it a formula", async () => {
  const timestamp = new Date(Date.now() - 3_600_000).toISOString();
  const events = fields.map(([text]) => ({ type: "open", timestamp, user_agent: text }));
  const csvOf = async (...args: string[]) => {
    const { origin } = await startScriptedServer([page(events)]);
    const cwd = await newFolder();
    const { code, stderr } = await runCommand(
      [
        "24h",
        "now",
        "-p",
        "user_agent",
        "-o",
        "a.csv",
        "--concurrency",
        "1",
        "--host",
        origin,
        ...args,
      ],
      { cwd, env: { SPARKPOST_API_KEY: key } },
    );
    expect(code, stderr).toBe(0);
    return readFile(join(cwd, "a.csv"), "utf8");
  };
  const csv = (records: readonly string[]) => `user_agent\n${records.join("\n")}\n`;
  expect(await csvOf()).toBe(csv(fields.map(([, escaped]) => escaped)));
  expect(await csvOf("--no-escape-formulas")).toBe(csv(fields.map(([, , exact]) => exact)));
});
