import { once } from "node:events";
import { existsSync, readFileSync } from "node:fs";
import { readdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { ExpiredRangeError, type ExportOptions, exportEvents } from "../../src/index.js";
import { Journal } from "../../src/partial/journal.js";
import { startSandbox } from "../../src/sandbox/server.js";
import { resolveZone } from "../../src/time/zone.js";
import { eventAt, eventsFrom, type TestEvent } from "../support/archive.js";
import { newFolder, runCommand } from "../support/command.js";
import { eventList } from "../support/event-list.js";
import { hasNoDescription } from "../support/no-description.js";
import { page, startScriptedServer } from "../support/scripted-server.js";
import { VirtualClock } from "../support/virtual-clock.js";

const hour = 36e5;
const day = 24 * hour;
/** 13:20:30 in Berlin; SparkPost keeps what is newer than 2026-11-10T13:20:30 there. */
const now = Date.parse("2026-11-20T12:20:30Z");
const events = eventsFrom("2026-11-01T00:30:00Z", "2026-11-20T12:00:00Z");

/** An account whose events leave it as the clock goes on. */
async function startAccount(
  all: readonly TestEvent[] = events,
  /** From when on an event is found, epoch milliseconds. */
  availableAt: (timestamp: string) => number = () => 0,
) {
  const state = {
    now,
    failing: (_request: number) => false,
    refusing: (_search: URLSearchParams) => false,
    requests: 0,
  };
  const source = eventList(all);
  const sandbox = await startSandbox({
    source: {
      ...source,
      availableAt: (index) => availableAt(String(source.propertyOf(index, "timestamp"))),
    },
    now: () => state.now,
    failRate: () => (state.failing(++state.requests) ? 1 : 0),
  });
  onTestFinished(() => sandbox.close());
  const door = await startDoor(sandbox.origin, (search) => state.refusing(search));
  const cwd = await newFolder();
  const run = async (...args: string[]) => {
    const { code, stdout, stderr } = await runCommand([...args, "--host", door, "-p", "event_id"], {
      cwd,
      env: { SPARKPOST_API_KEY: "any", CLOCK: new Date(state.now).toISOString() },
      launcher: "dated",
    });
    return { code, stdout, stderr };
  };
  return Object.assign(state, { cwd, run });
}

/** A server in front of another one, which has some of its requests fail. */
async function startDoor(origin: string, refusing: (search: URLSearchParams) => boolean) {
  const server = createServer(async (request, response) => {
    if (hasNoDescription(request, response)) {
      return;
    }
    const url = new URL(request.url ?? "/", origin);
    if (refusing(url.searchParams)) {
      response.writeHead(503).end();
      return;
    }
    const headers = { authorization: request.headers.authorization ?? "" };
    const answer = await fetch(url, { headers }).catch(() => undefined);
    const body = await answer?.arrayBuffer().catch(() => undefined);
    if (answer && body) {
      const type = answer.headers.get("content-type") ?? "";
      response.writeHead(answer.status, { "content-type": type }).end(Buffer.from(body));
    } else {
      response.destroy();
    }
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

function csvOf(from: string, to: string, all = events): string {
  const rows = all
    .filter(({ timestamp }) => timestamp >= from && timestamp < to)
    .map(({ event_id }) => `${event_id}\n`);
  return `event_id\n${rows.reverse().join("")}`;
}

const berlin = ["-z", "Europe/Berlin"];
const keptFor = "SparkPost keeps events for 10 days, so";

describe("a range that begins before what SparkPost keeps is refused", () => {
  const longer = "If this host keeps events longer, say so with --retention.";
  const way = (start: string, end: string) =>
    `Write ${start} ${end}, or 10d ${end}: 10d means as far back as there are events. To export what is left of the range as it is written, add --allow-expired. ${longer}`;
  const nothing = `Nothing of it can be had. For all that is there, write 10d now. ${longer}`;

  test.each([
    [
      ["2026-11-01", "2026-11-15", ...berlin],
      `${keptFor} the beginning of this range is gone: 2026-11-01T00:00:00 to 2026-11-10T13:20:30 in Europe/Berlin.`,
      way("2026-11-10T14", "2026-11-15"),
    ],
    [
      ["2026-11-10"],
      `${keptFor} the beginning of this range is gone: 2026-11-10T00:00:00 to 2026-11-10T12:20:30 in UTC.`,
      way("2026-11-10T13", "2026-11-10"),
    ],
    [
      ["2026-11-10 08:00", "2026-11-10 12:40"],
      `${keptFor} the beginning of this range is gone: 2026-11-10T08:00:00 to 2026-11-10T12:20:30 in UTC.`,
      way("2026-11-10T12:21", "2026-11-10T12:40"),
    ],
    [
      ["11d", "5m"],
      `${keptFor} the beginning of this range is gone: 2026-11-09T12:20:30 to 2026-11-10T12:20:30 in UTC.`,
      way("2026-11-10T13", "5m"),
    ],
    [
      ["2026-11-01", "2026-11-05", "--quiet"],
      `${keptFor} all of this range is gone: 2026-11-01T00:00:00 to 2026-11-06T00:00:00 in UTC.`,
      nothing,
    ],
    [
      ["2026-11-01", "2026-11-05", "--dry-run"],
      `${keptFor} all of this range is gone: 2026-11-01T00:00:00 to 2026-11-06T00:00:00 in UTC.`,
      nothing,
    ],
    [
      ["2026-11-01", "2026-11-15", "--api", "message-events", ...berlin],
      `${keptFor} the beginning of this range is gone: 2026-11-01T00:00:00 to 2026-11-10T13:20:00 in Europe/Berlin.`,
      way("2026-11-10T14", "2026-11-15"),
    ],
    [
      ["2026-11-18", "5m", "--retention", "36h"],
      "SparkPost keeps events for 36 hours, so the beginning of this range is gone: 2026-11-18T00:00:00 to 2026-11-19T00:20:30 in UTC.",
      way("2026-11-19T01", "5m").replaceAll("10d", "36h"),
    ],
  ])("%j", async (args, message, hint) => {
    const server = await startScriptedServer([page([])]);
    const cwd = await newFolder();
    const { code, stdout, stderr } = await runCommand([...args, "--host", server.origin], {
      cwd,
      env: { SPARKPOST_API_KEY: "any", CLOCK: new Date(now).toISOString() },
      launcher: "dated",
    });
    // The second may have changed while the command started.
    const second = (text: string) => text.replaceAll(/(T\d\d:20:)[3-5]\d/g, "$130");
    expect({ code, stdout, stderr: second(stderr) }).toEqual({
      code: 2,
      stdout: "",
      stderr: `error: ${message}\n${hint}\n`,
    });
    expect(server.requests).toEqual([]);
    expect(await readdir(cwd)).toEqual([]);
  });

  test("and what is to be written instead works, an hour later too", async () => {
    const account = await startAccount();
    const { stderr } = await account.run("2026-11-10", "2026-11-11", ...berlin, "--quiet");
    const [, start = "", end = "", most = ""] = /Write (\S+) (\S+), or (\S+) /.exec(stderr) ?? [];
    account.now += 59 * 60_000;
    const first = await account.run(start, end, ...berlin, "-o", "first.csv");
    const all = await account.run(most, end, ...berlin, "-o", "all.csv");
    expect([first, all].map(({ code }) => code)).toEqual([0, 0]);
    expect(all.stderr).not.toMatch(/warning|Missing/);
    expect(first.stderr).not.toContain("Missing");
    expect(await readFile(join(account.cwd, "first.csv"), "utf8")).toBe(
      csvOf("2026-11-10T13", "2026-11-11T23"),
    );
  });
});

describe("--allow-expired", () => {
  test.each([
    [["--allow-expired"], ""],
    [[], "AllowExpired = yes\n"],
  ])("exports what is left, and says what is missing: %j %j", async (args, line) => {
    const account = await startAccount();
    await writeFile(join(account.cwd, "sparkpost.ini"), `[SparkPost]\n${line}`);
    const { code, stderr } = await account.run("2026-11-01", "2026-11-12", "-o", "a.csv", ...args);
    expect(code).toBe(0);
    expect(stderr).toMatch(
      /^✔ 60 events in a\.csv .*\n! Missing, since SparkPost no longer has it: 2026-11-01T00:00:00 to 2026-11-10T12:20:3\d in UTC\n/m,
    );
    expect(await readFile(join(account.cwd, "a.csv"), "utf8")).toBe(
      csvOf("2026-11-10T12:20:30", "2026-11-13"),
    );
  });

  test("writes a header alone where nothing is left, and says so", async () => {
    const account = await startAccount();
    const args = ["2026-11-01", "2026-11-05", "--allow-expired", "-o"];
    const { code, stderr } = await account.run(...args, "a.csv");
    expect(code).toBe(0);
    expect(stderr).toContain(
      "! Nothing but the header: SparkPost no longer has 2026-11-01T00:00:00 to 2026-11-06T00:00:00 in UTC\n",
    );
    expect(await readFile(join(account.cwd, "a.csv"), "utf8")).toBe("event_id\n");
    expect(await account.run(...args, "b.csv", "--quiet")).toEqual({
      code: 0,
      stdout: "",
      stderr: "",
    });
  });

  test("counts what is left with --dry-run, and says what is missing", async () => {
    const account = await startAccount();
    const { code, stdout, stderr } = await account.run(
      ...["2026-11-01", "2026-11-12", "--dry-run", "--allow-expired"],
    );
    expect({ code, stdout }).toEqual({
      code: 0,
      stdout: "2026-11-01T00:00:00Z to 2026-11-13T00:00:00Z (end excluded)\n60 events, 1 request\n",
    });
    expect(stderr).toMatch(
      /^warning: Not counted is what SparkPost no longer has: 2026-11-01T00:00:00 to 2026-11-10T12:20:3\d in UTC\.\n$/,
    );
  });

  test("in the ini file is taken back by --no-allow-expired", async () => {
    const account = await startAccount();
    await writeFile(join(account.cwd, "sparkpost.ini"), "[SparkPost]\nAllowExpired = yes\n");
    const { code } = await account.run("2026-11-01", "2026-11-12", "--no-allow-expired");
    expect(code).toBe(2);
  });
});

test.each(["10d", "240h"])("%s means what is there", async (from) => {
  const account = await startAccount();
  const { code, stderr } = await account.run(from, "now", "-o", "a.csv");
  expect(code).toBe(0);
  expect(stderr).not.toMatch(/warning|Missing|keeps/);
});

test("a start up to an hour before that is taken, with a warning", async () => {
  const account = await startAccount();
  const { code, stderr } = await account.run("2026-11-10T11:30", "now", "-o", "a.csv");
  expect(code).toBe(0);
  expect(stderr).toMatch(
    /^warning: SparkPost keeps events for 10 days: those before 2026-11-10T12:20:3\d in UTC may be missing\.\n/,
  );
});

describe("a host of one's own", () => {
  test.each([
    ["--retention", "400d"],
    ["--retention", "Unlimited"],
  ])("may keep events longer: %s %s", async (...args) => {
    const { origin } = await startScriptedServer([page([])]);
    const cwd = await newFolder();
    const { code, stderr } = await runCommand(
      ["2025-10-20", "2025-10-21", "--host", origin, ...args],
      {
        cwd,
        env: { SPARKPOST_API_KEY: "any", CLOCK: new Date(now).toISOString() },
        launcher: "dated",
      },
    );
    expect({ code, stderr }).toEqual({ code: 0, stderr: expect.stringMatching(/^✔/m) });
    expect(stderr).not.toContain("warning");
  });

  test.each([
    [["--retention", "9 days"], '--retention "9 days" is not a duration.\nWrite 9d.'],
    [
      ["--retention", "400"],
      '--retention "400" has no unit.\nAdd s, m, h or d: 400s is that many seconds, 400m that many minutes.',
    ],
    [
      ["--retention", "forever"],
      '--retention: "forever" is not a duration.\nWrite a number and a unit, such as 400d, or unlimited.',
    ],
    [["--retention", "12h"], '--retention: "12h" is too short.\nWrite at least 1d, or unlimited.'],
    [
      ["--retention", "400d", "--host", "api.sparkpost.com"],
      "Retention (--retention): api.sparkpost.com keeps events for 10 days, not longer.\nLeave it out; it is for a host of your own (Host, --host).",
    ],
  ])("%j is refused", async (args, message) => {
    const cwd = await newFolder();
    const { code, stderr } = await runCommand(["yesterday", ...args], {
      cwd,
      env: { SPARKPOST_API_KEY: "any" },
    });
    expect({ code, stderr }).toEqual({ code: 2, stderr: `error: ${message}\n` });
  });
});

describe("an export that was interrupted in time goes on later", () => {
  const range = ["2026-11-11", "2026-11-16"];
  const args = [...range, "-o", "a.csv", "--per-page", "10"];
  const later = now + 3 * day;

  test.each([[[]], [["--api", "message-events"]]])("when all pages are there: %j", async (api) => {
    const account = await startAccount();
    account.failing = (request) => {
      if (request === 3) {
        // What stands in the way of the file is in the way at the very end only.
        writeFile(join(account.cwd, "a.csv"), "precious").catch(() => {});
      }
      return false;
    };
    expect((await account.run(...args, ...api)).code).not.toBe(0);
    await rm(join(account.cwd, "a.csv"));
    account.now = later;
    account.failing = () => true;
    const { code, stderr } = await account.run(...args, ...api, "--resume");
    expect({ code, stderr }).toEqual({ code: 0, stderr: expect.stringMatching(/^✔ 144 /m) });
    expect(stderr).not.toContain("Missing");
    expect(await readFile(join(account.cwd, "a.csv"), "utf8")).toBe(
      csvOf("2026-11-11", "2026-11-17"),
    );
  });

  const recipients = Array.from({ length: 300 }, (_, index) => `r.${index}@example.com`);
  const ofMany = events.map((event, index) => ({ ...event, rcpt_to: recipients[index % 300] }));

  test.each([
    ["", 5],
    ["--concurrency 1", 5],
    ["--api message-events", 5],
    ["--recipients @list.txt", 6],
    ["--recipients @list.txt --concurrency 1", "a part"],
    ["--recipients @list.txt --api message-events", "a part"],
  ])("and says what has left SparkPost before it was fetched: %s, after %s", async (text, last) => {
    const account = await startAccount(ofMany);
    const journal = join(account.cwd, "a.csv.partial", "journal");
    await writeFile(join(account.cwd, "list.txt"), recipients.join("\n"));
    const more = text.split(" ").filter(Boolean);
    account.failing = (request) =>
      last === "a part"
        ? existsSync(journal) && readFileSync(journal, "utf8").includes('"type":"part",')
        : request > Number(last);
    expect((await account.run(...args, ...more)).code).toBe(4);
    expect(await readdir(account.cwd)).toContain("a.csv.partial");

    account.now = later;
    account.failing = () => false;
    const { code, stderr } = await account.run(...args, ...more, "--resume");
    expect({ code, stderr }).toEqual({
      code: 5,
      stderr: expect.stringMatching(/SparkPost counted \d+ events, but only \d+ arrived\./),
    });
    expect(await readdir(account.cwd)).toEqual(["a.csv.incomplete", "list.txt"]);
  });

  describe("where events came in late at its end", () => {
    /** As many at each end of the list of recipients. */
    const late = [1, 2, 3, 4, 5, 6].map((minute, index) => ({
      ...eventAt(`2026-11-20T12:1${minute}:00Z`),
      rcpt_to: recipients.at(index % 2 === 0 ? index : -index),
    }));
    const arrival = now + hour;
    const lately = ["10d", "now", ...args.slice(2)];
    const ways = ["", "--recipients @list.txt --concurrency 1"];

    /** Interrupts an export when both of its ends, or a whole part, are to be fetched still. */
    async function interrupted(more: readonly string[]) {
      const account = await startAccount([...ofMany, ...late], (timestamp) =>
        late.some((event) => event.timestamp === timestamp) ? arrival : 0,
      );
      await writeFile(join(account.cwd, "list.txt"), recipients.join("\n"));
      const journal = join(account.cwd, "a.csv.partial", "journal");
      const isPartThere = () =>
        existsSync(journal) && readFileSync(journal, "utf8").includes('"type":"part",');
      let requests = 0;
      account.refusing = (search) => {
        // The first one counts.
        const isFirst = ++requests === 1;
        const isNewest = `${search.get("to")}`.startsWith("2026-11-20T12:2");
        const isOldest = `${search.get("from")}`.startsWith("2026-11-10T12:2");
        return more.length > 0 ? isPartThere() : !isFirst && (isNewest || isOldest);
      };
      expect((await account.run(...lately, ...more)).code).toBe(4);
      account.refusing = () => false;
      return account;
    }

    test.each(ways)("and does not take those for what has left SparkPost: %s", async (way) => {
      const more = way.split(" ").filter(Boolean);
      const account = await interrupted(more);
      account.now = now + 3 * hour;
      const { code, stderr } = await account.run(...lately, ...more, "--resume");
      expect({ code, stderr }).toEqual({
        code: 5,
        stderr: expect.stringContaining("The export may not be complete: "),
      });
      expect(await readdir(account.cwd)).toEqual(["a.csv.incomplete", "list.txt"]);
    });

    test.each(ways)("and is complete where nothing has left: %s", async (way) => {
      const more = way.split(" ").filter(Boolean);
      const account = await interrupted(more);
      account.now = now + 5 * 60_000;
      expect((await account.run(...lately, ...more, "--resume")).code).toBe(0);
    });
  });

  test("through a symbolic link too", async () => {
    const account = await startAccount();
    await writeFile(join(account.cwd, "real.csv"), "old");
    await symlink("real.csv", join(account.cwd, "link.csv"));
    const linked = [...range, "-o", "link.csv", "--per-page", "10", "--force"];
    account.failing = (request) => request > 5;
    expect((await account.run(...linked)).code).toBe(4);
    account.now = later;
    account.failing = () => false;
    expect(await account.run(...linked, "--resume")).toMatchObject({
      code: 5,
      stderr: expect.stringContaining("arrived"),
    });
  });

  test("is offered where --resume is left out", async () => {
    const account = await startAccount();
    account.failing = (request) => request > 5;
    await account.run(...args);
    account.now = later;
    const { code, stderr } = await account.run(...args);
    expect({ code, stderr }).toEqual({
      code: 2,
      stderr: expect.stringContaining("Add --resume to go on with it, or --force to begin anew."),
    });
  });

  test("but does not begin anew, nor where there is nothing to go on from", async () => {
    const account = await startAccount();
    account.failing = (request) => request > 5;
    await account.run(...args);
    account.now = later;
    expect(await account.run(...args, "--force")).toMatchObject({
      code: 2,
      stderr: expect.stringContaining("is gone"),
    });
    // What is there may be the last of it.
    expect(await readdir(join(account.cwd, "a.csv.partial"))).toContain("journal");
    await rm(join(account.cwd, "a.csv.partial"), { recursive: true });
    expect(await account.run(...args, "--resume")).toMatchObject({
      code: 2,
      stderr: expect.stringContaining("is gone"),
    });
    expect(await readdir(account.cwd)).toEqual([]);
  });

  test("but does not begin anew over its file, where it was at its end", async () => {
    const account = await startAccount();
    const path = join(account.cwd, "a.csv");
    const folder = `${path}.partial`;
    account.failing = (request) => request > 5;
    await account.run(...args);
    // As it is when a run is killed that has just given its file its name.
    const journal = await Journal.open(join(folder, "journal"));
    await journal.append({ type: "publishing", parts: 1 });
    await journal.close();
    await rm(join(folder, "main"));
    await writeFile(path, "complete");
    account.now = later;
    account.failing = () => false;
    expect(await account.run(...args, "--resume", "--force")).toMatchObject({
      code: 2,
      stderr: expect.stringContaining("is gone"),
    });
    expect(await readdir(account.cwd)).toEqual(["a.csv"]);
    expect(await readFile(path, "utf8")).toBe("complete");
  });

  test("with --allow-expired again where it was begun so, and tells what was missing then", async () => {
    const account = await startAccount();
    const early = ["2026-11-09", "2026-11-16", ...args.slice(2)];
    account.failing = (request) => request > 5;
    expect((await account.run(...early, "--allow-expired")).code).toBe(4);
    // Nothing leaves SparkPost between half past and half past.
    account.now += 5 * 60_000;
    account.failing = () => false;
    expect(await account.run(...early, "--resume")).toMatchObject({
      code: 2,
      stderr: expect.stringContaining("2026-11-09T00:00:00 to 2026-11-10T12:20:3"),
    });
    const { code, stderr } = await account.run(...early, "--resume", "--allow-expired");
    expect(stderr).toContain(
      "Missing, since SparkPost no longer has it: 2026-11-09T00:00:00 to 2026-11-10T12:20:3",
    );
    expect(code).toBe(0);
  });
});

describe("the library", () => {
  async function attempt(from: number, more: Partial<ExportOptions> = {}, api?: "message-events") {
    const server = await startScriptedServer([page([])]);
    const cwd = await newFolder();
    const outcome = await exportEvents({
      connection: { host: server.origin, apiKey: "any", clock: new VirtualClock(now) },
      search: { from, to: now - 30_000, zone: resolveZone("Europe/Berlin"), ...(api && { api }) },
      output: join(cwd, "a.csv"),
      ...more,
    }).catch((error: unknown) => error);
    return { outcome, requests: server.requests.length, files: await readdir(cwd) };
  }

  const border = now - 10 * day;

  test("takes a range up to an hour before what is kept, to the second", async () => {
    expect(await attempt(border - hour)).toMatchObject({
      outcome: { events: 0, expired: undefined },
      files: ["a.csv"],
    });
    const { outcome, requests, files } = await attempt(border - hour - 1000);
    expect(outcome).toBeInstanceOf(ExpiredRangeError);
    expect(outcome).toMatchObject({ exitCode: 2, keptFrom: border });
    expect({ requests, files }).toEqual({ requests: 0, files: [] });
  });

  test("and to the minute with the legacy API", async () => {
    const legacyBorder = border - 30_000;
    const taken = await attempt(legacyBorder - hour, {}, "message-events");
    expect(taken.outcome).toMatchObject({ events: 0 });
    const refused = await attempt(legacyBorder - hour - 60_000, {}, "message-events");
    expect(refused.outcome).toBeInstanceOf(ExpiredRangeError);
  });

  test("tells what was gone where that is allowed", async () => {
    const { outcome } = await attempt(border - day, { allowExpired: true });
    expect(outcome).toMatchObject({ expired: { from: border - day, to: border } });
  });

  test("knows of hosts that keep events longer", async () => {
    for (const retention of [11 * day, Number.POSITIVE_INFINITY]) {
      const { outcome } = await attempt(border - day, { retention });
      expect(outcome).toMatchObject({ events: 0, expired: undefined });
    }
  });
});
