import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { newFolder, runCommand } from "../support/command.js";
import { day } from "../support/days.js";
import { page, startScriptedServer } from "../support/scripted-server.js";

const key = "0123456789abcdef0123456789abcdef01234567";

/** What an export asks for, by the settings of an ini file and options. */
async function exportWith(ini: string, options: readonly string[] = [], env = {}) {
  const server = await startScriptedServer([page([])]);
  const cwd = await newFolder();
  await writeFile(join(cwd, "sparkpost.ini"), ini, { mode: 0o600 });
  const args = [day, "--host", server.origin, "--concurrency", "1", "-o", "-", ...options];
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

describe("as Python's configparser reads it", () => {
  const ini = (text: string) => `[SparkPost]\nAuthorization = ${key}\n${text}`;

  test("%(name)s is the value of another key, and %% a percent sign, which is said", async () => {
    const text = [
      "Campaigns = %(Season)s-sale",
      "season = %(YEAR)s-spring",
      "Subjects = 50%% off, 10%, %d, 5%(off), %%(season)s",
      "[DEFAULT]",
      "Year = 2026",
      "interval = %(unknown)s %%",
    ].join("\n");
    const { code, words, query } = await exportWith(ini(text));
    expect({ code, query }).toEqual({
      code: 0,
      query: { campaigns: "2026-spring-sale", subjects: "50% off,10%,%d,5%(off),%(season)s" },
    });
    expect(words).toEqual([
      "warning: sparkpost.ini, line 3: Campaigns: %(Season)s stands for the value of Season, as in Python's configparser. For the text itself, write %%(Season)s.",
      "warning: sparkpost.ini, line 5: Subjects: %% stands for a single %, as in Python's configparser. A single % is enough.",
    ]);
  });

  test("what stands in [DEFAULT] counts where [SparkPost] does not have it, which is said", async () => {
    const text = `[DEFAULT]\nauthorization = ${key}\nEvents = bounce\nTimeout = 5s\nColour = red\n[SparkPost]\nevents = click\n`;
    const { code, words, query, keys } = await exportWith(text);
    expect({ code, query }).toEqual({ code: 0, query: { events: "click" } });
    expect(new Set(keys)).toEqual(new Set([key]));
    expect(words).toEqual([
      "warning: sparkpost.ini, line 2: authorization in [DEFAULT] counts for [SparkPost] too, as in Python's configparser. Write it below [SparkPost] if it is meant.",
      "warning: sparkpost.ini, line 4: Timeout in [DEFAULT] counts for [SparkPost] too, as in Python's configparser. Write it below [SparkPost] if it is meant.",
    ]);
    const blank = await exportWith(`[DEFAULT]\nEvents = bounce\n${ini("Events =")}`);
    expect(blank).toMatchObject({ code: 0, words: [], query: {} });
  });

  test.each([
    [
      "Campaigns = %(sason)s\nseason = spring",
      "error: sparkpost.ini, line 3: Campaigns: %(sason)s stands for the value of sason, which there is not.",
      "Did you mean %(season)s? For the text itself, write %%(sason)s.",
    ],
    [
      "Campaigns = %(a)s\na = %(b)s\nb = x %(a)s",
      "error: sparkpost.ini, line 3: Campaigns: %(a)s leads back to itself, or through more than 10 keys.",
      "Write the value itself.",
    ],
  ])("%j is refused", async (text, ...words) => {
    expect(await exportWith(ini(text))).toMatchObject({ code: 2, words, keys: [] });
  });

  test("an option instead of a value from the file leaves nothing to say", async () => {
    const { code, words } = await exportWith(ini("Campaigns = %(no)s"), ["--campaigns", "50%%"]);
    expect({ code, words }).toEqual({ code: 0, words: [] });
  });
});
