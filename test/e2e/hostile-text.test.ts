import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { parse } from "csv-parse/sync";
import { describe, expect, test } from "vitest";
import { newFolder, runCommand } from "../support/command.js";
import { json, page, type Reply, startScriptedServer } from "../support/scripted-server.js";
import { hasTerminal, keys, startOnTerminal } from "../support/terminal.js";

const key = "0123456789abcdef0123456789abcdef01234567";

/** Would name the window, paint, clear the screen and turn the direction of text. */
const steering = [
  ..."\u0007\b\u000e\u007f\u0085\u009b\u009d\u061c\u200b\u200f\u2028\u202e\u2066\ufeff",
  "\u001b]",
  "\u001b[35m",
  "\u001bP",
];
const hostile = `\u001b]0;owned\u0007${steering.join("x")}`;

function expectHarmless(screen: string): void {
  expect(steering.filter((text) => screen.includes(text))).toEqual([]);
}

const sample = (text: unknown) => ({ description: hostile, sampleValue: text });
const documentation = json(200, {
  results: [{ type: sample(`fax${hostile}`), [`tone${hostile}`]: sample({ [hostile]: hostile }) }],
});
const events = [{ type: `fax${hostile}\n✔ 1,000,000 events`, rcpt_to: "a@example.com" }];

const refusal = { errors: [{ message: hostile, description: hostile }] };

describe.skipIf(!hasTerminal)("nothing that a server sends steers a terminal", () => {
  async function show(reply: Reply, args: readonly string[], env = {}) {
    const server = await startScriptedServer([reply]);
    const terminal = startOnTerminal([...args, "--host", server.origin], {
      cwd: await newFolder(),
      env: { SPARKPOST_API_KEY: key, ...env },
    });
    const { screen } = await terminal.finished;
    expectHarmless(screen);
    return screen;
  }
  const yesterday = ["yesterday", "-p", "type", "-o", "a.csv"];

  test("event types in the summary, each on its line", async () => {
    const screen = await show(page(events), yesterday);
    expect(screen).toMatch(/fax.*owned.*1\r\n/);
    expect(screen).not.toMatch(/^✔ 1,000,000/m);
  });

  test.each([["--verbose"], ["--timeout=1s"]])("an error with %s", async (option) => {
    expect(await show(json(400, refusal), [...yesterday, option])).toContain("owned");
    expect(
      await show(json(503, refusal), [...yesterday, option, "--give-up-after", "1s"]),
    ).toContain("owned");
    const next = `/api/v1/events/message?cursor=${hostile}`;
    await show(page(events, { totalCount: 2, next }), [...yesterday, option]);
  });

  test.each([["table"], ["csv"], ["json"]])("types and properties --live as %s", async (format) => {
    expect(await show(documentation, ["types", "--live", "--format", format])).toContain("owned");
    const screen = await show(documentation, ["properties", "--live", "--format", format]);
    expect(screen).toContain("owned");
  });

  test("check", async () => {
    expect(await show(json(403, refusal), ["check"])).toContain("owned");
  });

  test("init", async () => {
    const server = await startScriptedServer([json(403, refusal)]);
    const terminal = startOnTerminal(["init"], { cwd: await newFolder() });
    await terminal.shows("API key");
    terminal.type(key + keys.enter);
    await terminal.shows("Where does");
    terminal.type(keys.down + keys.down + keys.enter);
    await terminal.shows("Host");
    terminal.type(server.origin + keys.enter);
    await terminal.shows("What now?");
    terminal.type(keys.ctrlC);
    const { screen } = await terminal.finished;
    expect(screen).toContain("owned");
    expectHarmless(screen);
  });
});

describe.skipIf(!hasTerminal)("nothing that stands in a file steers a terminal", () => {
  test("an ini file", async () => {
    const cwd = await newFolder();
    for (const text of [`Events${hostile} = a\nTimezone = ${hostile}`, `${hostile}`]) {
      await writeFile(join(cwd, "sparkpost.ini"), `[SparkPost]\n${text}\n`);
      const { screen } = await startOnTerminal(["yesterday"], { cwd }).finished;
      expectHarmless(screen);
    }
  });

  test("a manifest", async () => {
    const cwd = await newFolder();
    const folder = join(cwd, "sparkpost-events");
    await mkdir(folder);
    const schema = {
      origin: hostile,
      api: "events",
      events: [hostile],
      filters: { subjects: [hostile] },
      columns: [{ header: hostile, path: [hostile] }],
      format: { timestampFormat: hostile },
      zone: "UTC",
      by: "day",
      layout: "flat",
      gzip: false,
    };
    for (const zone of ["UTC", hostile]) {
      const manifest = { version: 1, schema: { ...schema, zone }, files: {}, since: null };
      await writeFile(join(folder, "manifest.json"), JSON.stringify(manifest));
      for (const args of [["status"], ["status", "--format", "json"], ["sync"]]) {
        const env = { SPARKPOST_API_KEY: key };
        const { screen } = await startOnTerminal(args, { cwd, env }).finished;
        expectHarmless(screen);
        expect(screen).not.toContain("This is a bug");
      }
    }
  });
});

describe("a program that reads a list", () => {
  async function properties(format: string) {
    const server = await startScriptedServer([documentation]);
    const args = ["properties", "--live", "--format", format, "--host", server.origin];
    const options = { cwd: await newFolder(), env: { SPARKPOST_API_KEY: key } };
    return (await runCommand(args, options)).stdout;
  }

  test("as csv or json has every character", async () => {
    const csv = parse<Record<string, string>>(await properties("csv"), { columns: true });
    expect(csv.filter(({ property }) => property === `tone${hostile}`)).toMatchObject([
      { description: hostile, example: JSON.stringify({ [hostile]: hostile }) },
    ]);
    const text = await properties("json");
    expectHarmless(text);
    const list = JSON.parse(text) as { property: string }[];
    expect(list.filter(({ property }) => property === `tone${hostile}`)).toMatchObject([
      { description: hostile, example: { [hostile]: hostile } },
    ]);
  });
});
