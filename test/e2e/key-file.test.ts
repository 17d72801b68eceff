import { chmod, mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { newFolder, runCommand } from "../support/command.js";
import { page, startScriptedServer } from "../support/scripted-server.js";

const key = "0123456789abcdef0123456789abcdef01234567";
const otherKey = "76543210fedcba9876543210fedcba9876543210";

/** Counts yesterday's events, and tells which key was sent for that. */
async function countWith(
  files: Readonly<Record<string, string>>,
  env: Readonly<Record<string, string>>,
  mode = 0o600,
) {
  const cwd = await newFolder();
  for (const [name, text] of Object.entries(files)) {
    await writeFile(join(cwd, name), text);
    await chmod(join(cwd, name), mode);
  }
  const server = await startScriptedServer([page([])]);
  const { code, stderr } = await runCommand(["yesterday", "--dry-run", "--host", server.origin], {
    cwd,
    env,
  });
  return { code, stderr, sent: server.keys };
}

describe("SPARKPOST_API_KEY_FILE", () => {
  test.each([key, `${key}\n`, `\uFEFF ${key} \r\n`])("%j holds the key", async (text) => {
    const result = await countWith({ secret: text }, { SPARKPOST_API_KEY_FILE: "secret" });
    expect(result).toEqual({ code: 0, stderr: "", sent: [key] });
  });

  test("wins over the ini file, and not over SPARKPOST_API_KEY", async () => {
    const files = { secret: key, "sparkpost.ini": `[SparkPost]\nAuthorization = ${otherKey}\n` };
    const env = { SPARKPOST_API_KEY_FILE: "secret" };
    expect((await countWith(files, env)).sent).toEqual([key]);
    const all = { SPARKPOST_API_KEY_FILE: "missing", SPARKPOST_API_KEY: otherKey };
    expect(await countWith(files, all)).toEqual({ code: 0, stderr: "", sent: [otherKey] });
  });

  test("a file that everybody can read is warned of, one that a group can read is not", async () => {
    const env = { SPARKPOST_API_KEY_FILE: "secret" };
    expect(await countWith({ secret: key }, env, 0o644)).toMatchObject({
      code: 0,
      stderr:
        "warning: secret holds the API key and can be read by everybody. To keep it to yourself: chmod 600 secret\n",
    });
    expect(await countWith({ secret: key }, env, 0o640)).toMatchObject({ code: 0, stderr: "" });
  });

  test.each([
    [
      {},
      "SPARKPOST_API_KEY_FILE: cannot read secret: there is no such file.\nIt names a file that holds the API key and nothing else.",
    ],
    [{ secret: "\n" }, "secret is empty.\nWrite the API key into it."],
    [
      { secret: `[SparkPost]\nAuthorization = ${key}\n` },
      "secret does not look like an API key.\nThe key must stand alone in it. To name an ini file, use --config FILE.",
    ],
    [{ secret: `"${key}"` }, "secret does not look like an API key.\nRemove the quotes."],
  ])("%j is refused", async (files, message) => {
    expect(await countWith(files, { SPARKPOST_API_KEY_FILE: "secret" })).toEqual({
      code: 2,
      stderr: `error: ${message}\n`,
      sent: [],
    });
  });

  test("a folder is refused", async () => {
    const cwd = await newFolder();
    await mkdir(join(cwd, "secret"));
    const env = { SPARKPOST_API_KEY_FILE: "secret" };
    const { code, stdout } = await runCommand(["check"], { cwd, env });
    expect(code).toBe(2);
    expect(stdout).toContain("SPARKPOST_API_KEY_FILE: cannot read secret: it is a folder.");
  });
});
