import { readdir, readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { parseIni } from "../../src/config/ini-file.js";
import { defaultProperties } from "../../src/csv/default-properties.js";
import { newFolder, runCommand } from "../support/command.js";
import { startTestSandbox } from "../support/sandbox.js";
import { silence, startScriptedServer } from "../support/scripted-server.js";
import { hasTerminal, keys, startOnTerminal } from "../support/terminal.js";

const key = "0123456789abcdef0123456789abcdef01234567";

describe("without a terminal", () => {
  test("writes the commented example, for its owner only", async () => {
    const cwd = await newFolder();
    const { code, stdout, stderr } = await runCommand(["init"], { cwd });
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(stdout).toMatch(/^Wrote sparkpost\.ini, with comments and without a key\./);
    const example = fileURLToPath(new URL("../../sparkpost.example.ini", import.meta.url));
    expect(await readFile(join(cwd, "sparkpost.ini"), "utf8")).toBe(
      await readFile(example, "utf8"),
    );
    expect((await stat(join(cwd, "sparkpost.ini"))).mode & 0o777).toBe(0o600);
    expect(await readdir(cwd)).toEqual(["sparkpost.ini"]);
  });

  test("leaves an existing file alone", async () => {
    const cwd = await newFolder();
    await writeFile(join(cwd, "my.ini"), "precious");
    const { code, stderr } = await runCommand(["init", "--config", "my.ini"], { cwd });
    expect(code).toBe(2);
    expect(stderr).toMatch(/^error: my\.ini is there already, and was left alone\.\nName another/);
    expect(await readFile(join(cwd, "my.ini"), "utf8")).toBe("precious");
    expect(await readdir(cwd)).toEqual(["my.ini"]);
  });

  test("a folder that does not exist", async () => {
    const { code, stderr } = await runCommand(["init", "-c", "no/my.ini"], {
      cwd: await newFolder(),
    });
    expect(code).toBe(2);
    expect(stderr).toMatch(/^error: Could not write no\/my\.ini: its folder does not exist\.\n/);
  });
});

describe.skipIf(!hasTerminal)("on a terminal", () => {
  async function entries(path: string) {
    const text = await readFile(path, "utf8");
    return Object.fromEntries(
      parseIni(text, path).map(({ key, value }) => [key, value.replaceAll(/\s+/g, " ")]),
    );
  }

  test("asks, tries the key, and writes what was answered", async () => {
    const { origin } = await startTestSandbox(1000);
    const cwd = await newFolder();
    const terminal = startOnTerminal(["init"], {
      cwd,
      env: { TZ: "Europe/Berlin", NO_COLOR: "1" },
    });
    await terminal.shows("API key");
    terminal.type(`a key${keys.enter}`);
    await terminal.shows("does not look like an API key");
    terminal.type(`${keys.backspace.repeat(5)}unauthorized${keys.enter}`);
    await terminal.shows("Where does your SparkPost account live?");
    terminal.type(keys.down + keys.down + keys.enter);
    await terminal.shows("Host");
    terminal.type(`${origin}/api${keys.enter}`);
    await terminal.shows("only the host is wanted");
    terminal.type(keys.backspace.repeat(4) + keys.enter);
    await terminal.shows("refused the API key (401");
    await terminal.shows("What now?");
    terminal.type(keys.enter);
    await terminal.shows("API key");
    terminal.type(key + keys.enter);
    await terminal.shows("Where does your SparkPost account live?");
    terminal.type(keys.down + keys.down + keys.enter);
    await terminal.shows("Host");
    terminal.type(origin + keys.enter);
    await terminal.shows("The key works: ");
    await terminal.shows("Time zone");
    await terminal.shows("Europe/Berlin");
    terminal.type(`x${keys.enter}`);
    await terminal.shows("Did you mean Europe/Berlin?");
    terminal.type(keys.backspace + keys.enter);
    await terminal.shows("Which event types?");
    terminal.type(keys.down + keys.enter);
    await terminal.shows("Event types (Space or Tab chooses)");
    terminal.type("bounc");
    await terminal.shows("match");
    terminal.type(keys.space);
    await terminal.shows("◼ bounce");
    terminal.type(keys.enter);
    await terminal.shows("Which columns?");
    terminal.type(keys.down + keys.down + keys.enter);
    await terminal.shows("Columns, in this order (Space or Tab chooses)");
    terminal.type("raw_reas");
    await terminal.shows("(1 match)");
    terminal.type(keys.space);
    await terminal.shows("◼ raw_reason");
    terminal.type(keys.enter);
    await terminal.shows("What are your exports for?");
    terminal.type(keys.enter);
    await terminal.shows("Wrote sparkpost.ini");
    await terminal.shows("npx sparky-events yesterday --out yesterday.xlsx");
    const { code, screen } = await terminal.finished;
    expect(code).toBe(0);
    // A line of its own, which a terminal of 80 columns does not cut.
    expect(screen).toContain("Your first export:");
    expect(screen).not.toContain("Your first export: npx");
    expect(screen).not.toContain(key);
    expect(await entries(join(cwd, "sparkpost.ini"))).toEqual({
      Authorization: key,
      Host: origin,
      Timezone: "Europe/Berlin",
      Excel: "yes",
      Events: "bounce",
      Properties: [...defaultProperties, "raw_reason"].join(", "),
    });
    expect((await stat(join(cwd, "sparkpost.ini"))).mode & 0o777).toBe(0o600);
    expect(await readdir(cwd)).toEqual(["sparkpost.ini"]);

    const { stdout } = await runCommand(["1h", "now", "--dry-run"], { cwd });
    expect(stdout).toMatch(/ events?, 1 request\n$/);
  });

  test("saves all the same where SparkPost is not reached", async () => {
    const cwd = await newFolder();
    const terminal = startOnTerminal(["init", "-c", "my.ini"], { cwd, env: { TZ: "UTC" } });
    await terminal.shows("API key");
    terminal.type(key + keys.enter);
    await terminal.shows("Where does");
    terminal.type(keys.down + keys.down + keys.enter);
    await terminal.shows("Host");
    terminal.type(`http://127.0.0.1:9${keys.enter}`);
    await terminal.shows("could not be reached");
    await terminal.shows("What now?");
    terminal.type(keys.down + keys.enter);
    await terminal.shows("Time zone");
    terminal.type(keys.enter);
    await terminal.shows("Which event types?");
    terminal.type(keys.enter);
    await terminal.shows("Which columns?");
    terminal.type(keys.enter);
    await terminal.shows("What are your exports for?");
    terminal.type(keys.down + keys.enter);
    await terminal.shows("npx sparky-events yesterday --config my.ini");
    expect((await terminal.finished).code).toBe(0);
    expect(await entries(join(cwd, "my.ini"))).toEqual({
      Authorization: key,
      Host: "http://127.0.0.1:9",
      Timezone: "UTC",
      Excel: "no",
      Events: "",
      Properties: "",
    });
  });

  test.each([
    ["Space", keys.space],
    ["Tab", keys.tab],
    ["Space behind an arrow", keys.down + keys.up + keys.space],
  ])("%s chooses in every list, and all columns are a choice", async (_, chosen) => {
    const { origin } = await startTestSandbox(1000);
    const cwd = await newFolder();
    const terminal = startOnTerminal(["init"], { cwd, env: { TZ: "UTC", NO_COLOR: "1" } });
    await terminal.shows("API key");
    terminal.type(key + keys.enter);
    await terminal.shows("Where does");
    terminal.type(keys.down + keys.down + keys.enter);
    await terminal.shows("Host");
    terminal.type(origin + keys.enter);
    await terminal.shows("Time zone");
    terminal.type(keys.enter);
    await terminal.shows("Which event types?");
    terminal.type(keys.down + keys.enter);
    await terminal.shows("Search:");
    terminal.type(chosen);
    await terminal.shows("◼ amp_click");
    terminal.type(chosen);
    await terminal.shows("◻ amp_click");
    terminal.type(keys.enter);
    await terminal.shows("select at least one");
    terminal.type(chosen);
    await terminal.shows("◼ amp_click");
    terminal.type(keys.enter);
    await terminal.shows("Which columns?");
    terminal.type(keys.down + keys.enter);
    await terminal.shows("What are your exports for?");
    terminal.type(keys.enter);
    await terminal.shows("Wrote sparkpost.ini");
    expect((await terminal.finished).code).toBe(0);
    expect(await entries(join(cwd, "sparkpost.ini"))).toMatchObject({
      Events: "amp_click",
      Properties: "timestamp, type, rcpt_to, *",
    });
  });

  test("does not replace a file unless told to", async () => {
    const cwd = await newFolder();
    await writeFile(join(cwd, "sparkpost.ini"), "precious");
    const terminal = startOnTerminal(["init"], { cwd });
    await terminal.shows("Replace it?");
    terminal.type(keys.enter);
    await terminal.shows("was left as it is");
    expect((await terminal.finished).code).toBe(0);
    expect(await readFile(join(cwd, "sparkpost.ini"), "utf8")).toBe("precious");
  });

  test("Ctrl-C while SparkPost is asked leaves nothing behind", async () => {
    const { origin } = await startScriptedServer([silence]);
    const cwd = await newFolder();
    const terminal = startOnTerminal(["init"], { cwd });
    await terminal.shows("API key");
    terminal.type(key + keys.enter);
    await terminal.shows("Where does");
    terminal.type(keys.down + keys.down + keys.enter);
    await terminal.shows("Host");
    terminal.type(origin + keys.enter);
    await terminal.shows(`Asking ${origin}`);
    terminal.type(keys.ctrlC);
    const { code, screen } = await terminal.finished;
    expect(code).toBe(130);
    expect(screen).toContain("Interrupted.");
    expect(await readdir(cwd)).toEqual([]);
  });

  test("Ctrl-C leaves nothing behind", async () => {
    const cwd = await newFolder();
    const terminal = startOnTerminal(["init"], { cwd });
    await terminal.shows("API key");
    terminal.type(key + keys.enter);
    await terminal.shows("Where does");
    terminal.type(keys.ctrlC);
    const { code, screen } = await terminal.finished;
    expect(code).toBe(130);
    expect(screen).toContain("Interrupted.");
    expect(await readdir(cwd)).toEqual([]);
  });
});
