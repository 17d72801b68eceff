import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { parse } from "csv-parse/sync";
import { describe, expect, test } from "vitest";
import { packageVersion } from "../../src/package-version.js";
import { type CommandResult, newFolder, runCommand, startCommand } from "../support/command.js";
import { day as settledDay } from "../support/days.js";
import { type Account, startEventServer } from "../support/event-server.js";
import { json, startScriptedServer } from "../support/scripted-server.js";
import { hasTerminal, keys, startOnTerminal } from "../support/terminal.js";

const key = "0123456789abcdef0123456789abcdef01234567";
const env = { SPARKPOST_API_KEY: key };
const length = 24 * 3_600_000;
const day = new Date(Date.now() - length).toISOString().slice(0, 10);
const midnight = Date.parse(`${day}T00:00:00Z`);
const events = Array.from({ length: 300 }, (_, index) => ({
  type: index % 3 === 0 ? "click" : "open",
  event_id: `${index}`,
  timestamp: new Date(midnight + (300 - index) * 60_000).toISOString(),
}));

interface Line {
  readonly event: string;
  readonly [fact: string]: unknown;
}

/** What a run logged; everything on standard error has to be a line of it. */
function logOf({ stderr }: Pick<CommandResult, "stderr">): Line[] {
  expect(stderr).not.toContain(key);
  const lines: Line[] = stderr
    .split("\n")
    .slice(0, -1)
    .map((line) => JSON.parse(line));
  for (const line of lines) {
    expect(line).toMatchObject({
      time: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
      level: expect.stringMatching(/^(info|notice|warning|error)$/),
      event: expect.stringMatching(/./),
      message: expect.stringMatching(/./),
    });
  }
  return lines;
}

function deferred() {
  let resolve = () => {};
  const promise = new Promise<void>((settle) => {
    resolve = settle;
  });
  return { promise, resolve };
}

async function start(account: Account = { events }) {
  const { origin } = await startEventServer(account);
  const cwd = await newFolder();
  const args = ["--host", origin, "-p", "event_id", "--per-page", "50", "--log-format", "json"];
  const about = {
    version: packageVersion(),
    host: origin,
    from: `${day}T00:00:00Z`,
    to: new Date(midnight + length).toISOString().replace(".000Z", "Z"),
  };
  return { origin, cwd, args, about };
}

describe("an export with --log-format json ends with an object that says it all:", () => {
  test("a complete one", async () => {
    const { cwd, args, about } = await start();
    const result = await runCommand([day, ...args, "-o", "a.csv"], { cwd, env });
    expect(result).toMatchObject({ code: 0, stdout: "" });
    const log = logOf(result);
    expect(log[0]).toMatchObject({ event: "started", level: "info", ...about });
    expect(log.at(-1)).toEqual({
      time: expect.any(String),
      level: "info",
      event: "finished",
      message: expect.stringMatching(/^300 events in a\.csv \([\d.]+ (bytes|kB)\)$/),
      ...about,
      seconds: expect.any(Number),
      requests: expect.any(Number),
      retries: 0,
      warnings: [],
      complete: true,
      files: ["a.csv"],
      events: 300,
      totalCount: 300,
      eventsByType: { click: 100, open: 200 },
      doubled: 0,
      resumed: 0,
      bytes: (await readFile(join(cwd, "a.csv"))).length,
      exitCode: 0,
    });
    expect(log.at(-1)?.requests).toBeGreaterThanOrEqual(7);
  });

  test("one of several files, which a warning goes with", async () => {
    const { cwd, args } = await start();
    const more = ["-p", "event_id,colour", "--split-rows", "200", "-o", "a.csv"];
    const result = await runCommand([day, ...args, ...more], { cwd, env });
    const log = logOf(result);
    expect(log.map(({ event }) => event)).toEqual(["warning", "started", "finished"]);
    expect(log.at(-1)).toMatchObject({
      files: ["a.csv", "a-2.csv"],
      warnings: [expect.stringContaining("colour")],
    });
  });

  test("one to a pipe", async () => {
    const { cwd, args } = await start();
    const result = await runCommand([day, ...args, "-o", "-"], { cwd, env });
    expect(parse(result.stdout)).toHaveLength(301);
    const bytes = Buffer.byteLength(result.stdout);
    expect(logOf(result).at(-1)).toMatchObject({
      event: "finished",
      files: [],
      bytes,
      exitCode: 0,
    });
  });

  test("--dry-run", async () => {
    const { cwd, args, about } = await start();
    const result = await runCommand([day, ...args, "--dry-run"], { cwd, env });
    expect(result).toMatchObject({ code: 0, stdout: "" });
    expect(logOf(result).at(-1)).toMatchObject({
      event: "counted",
      ...about,
      events: 300,
      requestsNeeded: 6,
      requests: 1,
      exitCode: 0,
    });
  });

  test("one that fails", async () => {
    const { origin } = await startScriptedServer([json(401, { errors: [{ message: "no" }] })]);
    const { cwd, args, about } = await start();
    const result = await runCommand([day, ...args, "--host", origin], { cwd, env });
    expect(result).toMatchObject({ code: 3, stdout: "" });
    expect(logOf(result).at(-1)).toMatchObject({
      level: "error",
      event: "failed",
      ...about,
      host: origin,
      message: expect.stringContaining("refused the API key (401: no)"),
      error: "KeyRefusedError",
      hint: expect.stringContaining("has not been deleted"),
      complete: false,
      exitCode: 3,
    });
  });

  test("one that is not complete", async () => {
    // Just after midnight, yesterday's count may grow still.
    const settled = events.map(({ timestamp, ...event }) => ({
      ...event,
      timestamp: settledDay + timestamp.slice(settledDay.length),
    }));
    const { cwd, args } = await start({ events: settled, countsRepetitions: true });
    const result = await runCommand([settledDay, ...args, "-o", "a.csv"], { cwd, env });
    expect(result.code).toBe(5);
    expect(logOf(result).at(-1)).toMatchObject({
      event: "failed",
      error: "IncompleteExportError",
      complete: false,
      events: 300,
      totalCount: expect.any(Number),
      files: ["a.csv.incomplete"],
      exitCode: 5,
    });
  });

  test.each(["SIGINT", "SIGTERM"] as const)("one that %s stops", async (signal) => {
    const pages = deferred();
    const { cwd, args, about } = await start({
      events,
      onPage: async (page) => {
        if (page > 3) {
          pages.resolve();
          await new Promise(() => {});
        }
      },
    });
    const run = startCommand([day, ...args, "--concurrency", "1", "-o", "a.csv"], { cwd, env });
    await pages.promise;
    run.process.kill(signal);
    const result = await run.finished;
    const exitCode = signal === "SIGINT" ? 130 : 143;
    expect(result.code).toBe(exitCode);
    expect(logOf(result).at(-1)).toMatchObject({
      event: "failed",
      ...about,
      error: "Interruption",
      hint: expect.stringContaining("--resume goes on from there"),
      complete: false,
      exitCode,
    });
    expect(logOf(result).at(-1)?.requests).toBe(4);
  });

  test.each([
    [["--no-such"], "unknown option '--no-such'"],
    [["-e"], "option '-e, --events <LIST>' argument missing"],
    [["--per-page", "x"], '--per-page: "x" is not a number from 1 to 10000.'],
    [["-c", "none.ini"], "none.ini"],
  ])("one whose command line is wrong: %j", async (options, message) => {
    const { cwd } = await start();
    const result = await runCommand([day, "--log-format=json", ...options], { cwd, env });
    expect(result).toMatchObject({ code: 2, stdout: "" });
    const log = logOf(result);
    expect(log).toHaveLength(1);
    expect(log[0]).toMatchObject({
      event: "failed",
      version: packageVersion(),
      message: expect.stringContaining(message),
      error: "UsageError",
      exitCode: 2,
    });
  });

  test("and with --quiet it says nothing but what is wrong", async () => {
    const { cwd, args } = await start();
    const command = [day, ...args, "--quiet", "-o", "a.csv"];
    expect(await runCommand(command, { cwd, env })).toMatchObject({ code: 0, stderr: "" });
    const again = await runCommand(command, { cwd, env });
    expect(logOf(again)).toMatchObject([{ event: "failed", exitCode: 2 }]);
  });
});

test.skipIf(!hasTerminal)("the ini file asks for JSON too, and no bar is in it", async () => {
  const pages = deferred();
  const { cwd, origin } = await start({ events, onPage: () => pages.promise });
  const ini = `[SparkPost]\nHost = ${origin}\nProperties = event_id\nLogFormat = json\n`;
  await writeFile(join(cwd, "sparkpost.ini"), ini, { mode: 0o600 });
  const terminal = startOnTerminal([day], { cwd, env, columns: 40 });
  await terminal.shows("started");
  terminal.type(keys.ctrlC);
  const { code, screen } = await terminal.finished;
  pages.resolve();
  expect(code).toBe(130);
  const log = logOf({ stderr: screen.replace("^C", "").replaceAll("\r\n", "\n") });
  expect(log.map(({ event }) => event)).toEqual(["started", "failed"]);
});

test.each([
  [[day, "-o", "a.json"]],
  [[day, "-o", "a.xlsx", "--csv-delimiter", "tab"]],
  [["sync", "archive", "--hook-fail", "example.com"]],
  [[day, "--nosuch"]],
  [["syncc"]],
  [["sync", "--dayz", "3"]],
  [["sync", "archive", "another"]],
  [["--out", "--force", day]],
])("the ini file asks for JSON where nothing is begun with too: %j", async (command) => {
  const cwd = await newFolder();
  await writeFile(join(cwd, "sparkpost.ini"), "[SparkPost]\nLogFormat = json\n", { mode: 0o600 });
  const result = await runCommand(command, { cwd, env });
  expect(logOf(result)).toMatchObject([{ event: "failed", error: "UsageError", exitCode: 2 }]);
});

describe("sync", () => {
  test("tells what each day and the whole run took", async () => {
    const { cwd, args, about } = await start();
    await mkdir(join(cwd, "archive"));
    const command = ["sync", "archive", ...args, "--days", "2", "--settle", "1s"];
    const result = await runCommand(command, { cwd, env });
    expect(result.code, result.stderr).toBe(0);
    const log = logOf(result);
    const { version, host } = about;
    expect(log[0]).toMatchObject({ event: "started", version, host, folder: "archive" });
    const exported = log.filter(({ event }) => event === "exported");
    expect(exported).toHaveLength(2);
    for (const line of exported) {
      expect(line).toMatchObject({ seconds: expect.any(Number), requests: expect.any(Number) });
    }
    const sum = exported.reduce((all, { requests }) => all + Number(requests), 0);
    expect(log.at(-1)).toMatchObject({
      event: "finished",
      version,
      host,
      requests: sum,
      seconds: expect.any(Number),
      complete: true,
      exitCode: 0,
    });
  });

  test("begins each line of its text with the time, but not on a terminal", async () => {
    const { cwd, origin } = await start();
    const args = ["sync", "--host", origin, "-p", "event_id", "--days", "1", "--settle", "1s"];
    const { code, stderr } = await runCommand(args, { cwd, env });
    expect(code).toBe(0);
    const time = String.raw`\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ`;
    expect(stderr).toMatch(
      new RegExp(`^${time} ${day}: exporting.*\n(${time} .*\n)*${time} ✔ sparkpost-events: .*\n$`),
    );
    const failed = await runCommand([...args, "-p", "type"], { cwd, env });
    expect(failed.code).toBe(2);
    expect(failed.stderr).toMatch(new RegExp(`^${time} error: .*\n(${time} .+\n)+$`));
    if (hasTerminal) {
      const { screen } = await startOnTerminal(args, { cwd, env }).finished;
      expect(screen).toContain("✔");
      expect(screen).not.toMatch(new RegExp(time));
    }
  });
});
