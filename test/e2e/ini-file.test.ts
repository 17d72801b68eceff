import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { newFolder, runCommand } from "../support/command.js";
import { page, startScriptedServer } from "../support/scripted-server.js";

const key = "0123456789abcdef0123456789abcdef01234567";

/** What an export asks for, by the settings of an ini file and options. */
async function exportWith(ini: string, options: readonly string[] = [], env = {}) {
  const server = await startScriptedServer([page([])]);
  const cwd = await newFolder();
  await writeFile(join(cwd, "sparkpost.ini"), ini, { mode: 0o600 });
  const args = ["2026-11-19", "--host", server.origin, "--concurrency", "1", "-o", "-", ...options];
  const { code, stdout, stderr } = await runCommand(args, { cwd, env });
  const query = new URL(server.requests[0] ?? "/", server.origin).searchParams;
  for (const name of ["cursor", "from", "to", "per_page"]) {
    query.delete(name);
  }
  const words = stderr.split("\n").filter((line) => /^(error|warning): |^[A-Z]/.test(line));
  return { code, stdout, words, query: Object.fromEntries(query), keys: server.keys };
}

test("any text is the same value from the file and from the option", async () => {
  const texts = [
    ..."\u2028\u2029\u0085\v\f\u001b\u007f\ufeff\u00a0\u202e\\'`=:;#[]{}$%(@\ud800",
    ...["undefined", "true", "__proto__", "a\\u2028b", "Grüße, 世界"],
  ].map((text) => `"a${text}b"`);
  const list = texts.join(", ");
  const names = texts.map((text) => `subject AS ${text}`).join(", ");
  const env = { SPARKPOST_API_KEY: key };
  const fromOptions = await exportWith("[SparkPost]", ["--recipients", list, "-p", names], env);
  expect(fromOptions).toMatchObject({ code: 0, words: [] });
  const ini = `[SparkPost]\nRecipients = ${list}\nProperties = ${names}\n`;
  expect(await exportWith(ini, [], env)).toEqual(fromOptions);
});
