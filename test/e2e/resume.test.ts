import { once } from "node:events";
import { appendFile, readdir, readFile, rm, stat, truncate, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { describe, expect, onTestFinished, test } from "vitest";
import { generateEvents } from "../../src/sandbox/generated-events.js";
import { startSandbox } from "../../src/sandbox/server.js";
import {
  newFolder,
  runCommand,
  type StopSignal,
  startCommand,
  startStoppable,
} from "../support/command.js";
import { day, dayBefore } from "../support/days.js";
import { diskOf } from "../support/disk.js";
import { eventList } from "../support/event-list.js";
import { randomNumbers, seed, times } from "../support/random-numbers.js";

const key = "0123456789abcdef0123456789abcdef01234567";
const env = { SPARKPOST_API_KEY: key };
const midnight = Date.parse(`${day}T00:00:00Z`);

const events = Array.from({ length: 3_000 }, (_, index) => ({
  type: "click",
  event_id: String(index),
  subject: "a line\nand another, with a comma",
  timestamp: new Date(midnight + (3_000 - index) * 28_000).toISOString(),
}));
const whole = `event_id,subject\n${events.map(({ event_id, subject }) => `${event_id},"${subject}"\n`).join("")}`;

async function startDay(latency = 20) {
  const sandbox = await startSandbox({
    source: eventList(events),
    latency,
    now: () => midnight + 2 * 864e5,
  });
  onTestFinished(() => sandbox.close());
  return sandbox;
}

function command(origin: string, out = "a.csv", ...more: string[]) {
  return [day, "--host", origin, "-p", "event_id,subject", "--per-page", "50", "-o", out, ...more];
}

/** Begins an export and interrupts it when it has a few pages. */
async function interrupt(cwd: string, args: string[], signal: StopSignal) {
  const run = startStoppable(args, { cwd, env });
  const out = args[args.indexOf("-o") + 1] ?? "";
  while (!(await hasPages(join(cwd, `${out}.partial`)))) {
    expect(run.hasEnded()).toBe(false);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  run.kill(signal);
  return run.finished;
}

async function hasPages(folder: string): Promise<boolean> {
  const journal = await readFile(join(folder, "journal"), "utf8").catch(() => "");
  return (journal.match(/"type":"page"/g) ?? []).length >= 5;
}

/** Files of the pages that are on record, and not in the output. */
async function waitingPages(folder: string): Promise<string[]> {
  const lines = (await readFile(join(folder, "journal"), "utf8")).split("\n").slice(0, -1);
  const entries: { type: string; slice: number; pages: number }[] = lines.map((line) =>
    JSON.parse(line),
  );
  const there = new Set(await readdir(folder));
  const names = new Map<number, string[]>();
  for (const { type, slice, pages } of entries) {
    const known = names.get(slice) ?? [];
    if (type === "page") {
      names.set(slice, [...known, `page-${slice}-${known.length + 1}`]);
    } else if (type === "lost") {
      names.set(slice, known.slice(0, pages));
    }
  }
  return [...names.values()]
    .flat()
    .filter((name) => there.has(name))
    .map((name) => join(folder, name));
}

async function resume(cwd: string, args: string[]) {
  return runCommand([...args, "--resume"], { cwd, env });
}

const crashes = times(4, 10);

describe(`an export that crashes at ${crashes} random changes to the disk (SEED=${seed})`, () => {
  test.each([
    ["a.csv", 4],
    ["a.csv", 1],
    ["a.csv.gz", 8],
  ])(
    "and resumed each time gives the identical file: %s with %d at once",
    async (out, concurrency) => {
      const random = randomNumbers(seed);
      const { origin } = await startDay();
      const cwd = await newFolder();
      const args = command(origin, out, "--concurrency", `${concurrency}`);
      const undisturbed = await runCommand(command(origin, `whole-${out}`), { cwd, env });
      expect(undisturbed.code).toBe(0);
      const expected = await readFile(join(cwd, `whole-${out}`));
      for (let crash = 0; crash < crashes; crash++) {
        const disk = diskOf(["crash.js"], { ...env, CRASH_AT: `${1 + random(80)}` });
        await runCommand([...args, "--resume"], { cwd, ...disk });
      }
      const { code } = await resume(cwd, args);
      expect([0, 2]).toContain(code);
      expect((await readFile(join(cwd, out))).equals(expected)).toBe(true);
      expect((await readdir(cwd)).sort()).toEqual([out, `whole-${out}`].sort());
    },
  );
});

describe("an interrupted export", () => {
  test.each([
    ["SIGINT", 130],
    ["SIGTERM", 143],
  ] as const)("by %s goes on with --resume, from what is there", async (signal, expected) => {
    const { origin } = await startDay();
    const cwd = await newFolder();
    const args = command(origin, "a.csv", "--concurrency", "1");
    const { code, stderr } = await interrupt(cwd, args, signal);
    expect(code).toBe(expected);
    expect(stderr).toMatch(
      /^What arrived is kept in a\.csv\.partial; the same command with --resume goes on from there\.$/m,
    );
    expect(await readdir(cwd)).toEqual(["a.csv.partial"]);
    expect((await stat(join(cwd, "a.csv.partial"))).mode & 0o077).toBe(0);
    const again = await resume(cwd, args);
    expect(again.code).toBe(0);
    const requests = Number(/(\d+) requests/.exec(again.stderr)?.[1]);
    expect(requests).toBeLessThan(events.length / 50);
    expect(again.stderr).toMatch(/✔ 3,000 events/);
    expect(await readFile(join(cwd, "a.csv"), "utf8")).toBe(whole);
    expect(await readdir(cwd)).toEqual(["a.csv"]);
  });

  test("is not begun anew by accident: the two ways on are named", async () => {
    const { origin } = await startDay();
    const cwd = await newFolder();
    await interrupt(cwd, command(origin), "SIGINT");
    const { code, stderr } = await runCommand(command(origin), { cwd, env });
    expect(code).toBe(2);
    expect(stderr).toMatch(
      /^error: An interrupted export of the same range exists: [\d,]+ of 3,000 events are there\.\nAdd --resume to go on with it, or --force to begin anew\.$/m,
    );
    const forced = await runCommand(command(origin, "a.csv", "--force"), { cwd, env });
    expect(forced.code).toBe(0);
    expect(await readFile(join(cwd, "a.csv"), "utf8")).toBe(whole);
    expect(await readdir(cwd)).toEqual(["a.csv"]);
  });

  test.each<[string, (args: string[]) => string[]]>([
    ["the start", (args) => [dayBefore, day, ...args.slice(1)]],
    ["the columns", (args) => [...args, "-p", "event_id"]],
    ["the event types", (args) => [...args, "-e", "click"]],
    ["the filters", (args) => [...args, "--campaigns", "x"]],
    ["the API", (args) => [...args, "--api", "message-events"]],
    ["the time zone", (args) => [...args, "-z", "Africa/Abidjan"]],
  ])("is refused where it is of something else: %s", async (what, change) => {
    const { origin } = await startDay();
    const cwd = await newFolder();
    await interrupt(cwd, command(origin), "SIGTERM");
    const before = await readFile(join(cwd, "a.csv.partial", "journal"), "utf8");
    const { code, stderr } = await resume(cwd, change(command(origin)));
    expect(code).toBe(2);
    expect(stderr).toContain(
      `a.csv.partial holds an interrupted export of something else: ${what}`,
    );
    expect(await readFile(join(cwd, "a.csv.partial", "journal"), "utf8")).toBe(before);
  });

  test("of a range that ends now goes on with what now meant then", async () => {
    const source = generateEvents({ events: 3_000, seed: 1, now: Date.now() });
    const sandbox = await startSandbox({ source, latency: 20 });
    onTestFinished(() => sandbox.close());
    const cwd = await newFolder();
    const args = ["9d", "now", "--host", sandbox.origin, "--per-page", "50", "-o", "a.csv"];
    await interrupt(cwd, args, "SIGINT");
    const { code, stderr } = await resume(cwd, args);
    expect(code).toBe(0);
    expect(stderr).toMatch(/^note: Going on with the interrupted export of /);
    // What would be true of the same words today is not of what they meant.
    expect(stderr.match(/^(note|warning):/gm)).toHaveLength(1);
  });

  test("is refused where other words such as yesterday ask for something else", async () => {
    const source = generateEvents({ events: 3_000, seed: 1, now: Date.now() });
    const sandbox = await startSandbox({ source, latency: 20 });
    onTestFinished(() => sandbox.close());
    const cwd = await newFolder();
    const rest = ["--host", sandbox.origin, "--per-page", "50", "-o", "a.csv"];
    await interrupt(cwd, ["9d", "now", ...rest], "SIGINT");
    for (const range of [["yesterday"], ["24h", "now"], ["9d", "1h"], ["today"]]) {
      const { code, stderr } = await resume(cwd, [...range, ...rest]);
      expect({ range, code }).toEqual({ range, code: 2 });
      expect(stderr).toMatch(/a\.csv\.partial holds an interrupted export of something else/);
      expect(stderr).not.toContain("Going on");
    }
  });

  test.each([
    ["9d", "1h"],
    ["48h", "yesterday"],
    ["9d", "today"],
    ["9d", "90m"],
    ["12d", "now", "--allow-expired"],
  ])("of %s to %s goes on with what it meant then", async (...range) => {
    const source = generateEvents({ events: 3_000, seed: 1, now: Date.now() });
    const sandbox = await startSandbox({ source, latency: 20 });
    onTestFinished(() => sandbox.close());
    const cwd = await newFolder();
    const args = [...range, "--host", sandbox.origin, "--per-page", "20", "-o", "a.csv"];
    await interrupt(cwd, args, "SIGINT");
    await new Promise((resolve) => setTimeout(resolve, 1000));
    const { code, stderr } = await resume(cwd, args);
    expect({ code, stderr }).toEqual({ code: 0, stderr: expect.stringContaining("Going on with") });
  });

  test("that was damaged is refused, not passed off as complete", async () => {
    const { origin } = await startDay();
    const damages: ((folder: string) => Promise<void>)[] = [
      (folder) => truncate(join(folder, "main"), 100),
      async (folder) => {
        const journal = join(folder, "journal");
        await writeFile(
          journal,
          (await readFile(journal, "utf8")).replace('"slice":0', '"slice":99'),
        );
      },
    ];
    for (const damage of damages) {
      const cwd = await newFolder();
      await interrupt(cwd, command(origin), "SIGKILL");
      await damage(join(cwd, "a.csv.partial"));
      const { code, stderr } = await resume(cwd, command(origin));
      expect(code).toBe(2);
      expect(stderr).toMatch(
        /^error: What an interrupted export left is damaged: .*\nAdd --force to begin anew\.$/m,
      );
      expect(await readdir(cwd)).toEqual(["a.csv.partial"]);
      const forced = await runCommand(command(origin, "a.csv", "--force"), { cwd, env });
      expect(forced.code).toBe(0);
      expect(await readFile(join(cwd, "a.csv"), "utf8")).toBe(whole);
    }
  });

  test.each<[string, (path: string) => Promise<void>]>([
    ["is cut", (path) => truncate(path, 10)],
    ["is gone", (path) => rm(path)],
    [
      "has other bytes",
      async (path) => writeFile(path, (await readFile(path, "utf8")).replace("line", "lime")),
    ],
  ])("of which a page %s, as after a power loss, fetches it again", async (_, damage) => {
    const { origin } = await startDay();
    for (const output of ["a.csv", "a.csv.gz"]) {
      const cwd = await newFolder();
      await interrupt(cwd, command(origin, output), "SIGKILL");
      const folder = join(cwd, `${output}.partial`);
      for (let loss = 0; loss < 3; loss++) {
        const pages = await waitingPages(folder);
        expect(pages.length).toBeGreaterThan(loss === 0 ? 1 : -1);
        // A page of which the output has a part already was flushed.
        for (const page of pages.slice(1)) {
          await damage(page);
        }
        const disk = diskOf(["crash.js"], { ...env, CRASH_AT: `${30 + 10 * loss}` });
        await runCommand([...command(origin, output), "--resume"], { cwd, ...disk });
      }
      expect((await resume(cwd, command(origin, output))).code).toBe(0);
      const bytes = await readFile(join(cwd, output));
      expect(String(output.endsWith(".gz") ? gunzipSync(bytes) : bytes)).toBe(whole);
    }
  });

  test("whose last journal entry was cut goes on, more than once", async () => {
    const { origin } = await startDay();
    const cwd = await newFolder();
    await interrupt(cwd, command(origin), "SIGKILL");
    for (let cut = 0; cut < 3; cut++) {
      const journal = join(cwd, "a.csv.partial", "journal");
      await appendFile(journal, '{"type":"page","sli');
      const disk = diskOf(["crash.js"], { ...env, CRASH_AT: `${20 + 10 * cut}` });
      await runCommand([...command(origin), "--resume"], { cwd, ...disk });
    }
    expect([0, 2]).toContain((await resume(cwd, command(origin))).code);
    expect(await readFile(join(cwd, "a.csv"), "utf8")).toBe(whole);
  });

  test("has no API key in its journal", async () => {
    const { origin } = await startDay();
    const cwd = await newFolder();
    await interrupt(cwd, command(origin), "SIGINT");
    for (const name of await readdir(join(cwd, "a.csv.partial"))) {
      expect(await readFile(join(cwd, "a.csv.partial", name), "utf8")).not.toContain(key);
    }
  });
});

describe("a cursor that the server does not accept any more", () => {
  test.each([1, 4])("costs its slice only, with %d at once", async (concurrency) => {
    const { origin } = await startDay();
    let generation = 1;
    const forgetful = createServer(async (request, response) => {
      const url = new URL(request.url ?? "", origin);
      const cursor = url.searchParams.get("cursor") ?? "";
      if (cursor !== "initial" && !cursor.startsWith(`${generation}-`)) {
        response.writeHead(400).end(JSON.stringify({ errors: [{ message: "Invalid cursor" }] }));
        return;
      }
      url.searchParams.set("cursor", cursor.replace(/^\d+-/, ""));
      const answer = await fetch(url, { headers: { authorization: "any" } });
      const body = (await answer.json()) as { links: { next?: string } };
      if (body.links.next) {
        body.links.next = body.links.next.replace("cursor=", `cursor=${generation}-`);
      }
      response.end(JSON.stringify(body));
    }).listen(0, "127.0.0.1");
    await once(forgetful, "listening");
    onTestFinished(() => {
      forgetful.closeAllConnections();
      forgetful.close();
    });
    const proxy = `http://127.0.0.1:${(forgetful.address() as AddressInfo).port}`;
    for (const out of ["a.csv", "a.csv.gz"]) {
      const cwd = await newFolder();
      const args = command(proxy, out, "--concurrency", `${concurrency}`);
      await interrupt(cwd, args, "SIGKILL");
      generation += 1;
      await interrupt(cwd, [...args, "--resume"], "SIGTERM");
      generation += 1;
      const { code, stderr } = await resume(cwd, args);
      expect(code).toBe(0);
      expect(stderr).toMatch(/✔ 3,000 events/);
      expect(stderr).toMatch(/^ {2}click {2}3,000$/m);
      const { code: plain } = await runCommand(command(origin, `whole-${out}`), { cwd, env });
      expect(plain).toBe(0);
      const expected = await readFile(join(cwd, `whole-${out}`));
      expect((await readFile(join(cwd, out))).equals(expected)).toBe(true);
    }
  });
});

describe("two runs at once on one target", () => {
  test("the second refuses, and the first is not disturbed", async () => {
    const { origin } = await startDay();
    const cwd = await newFolder();
    const runs = await Promise.all(
      Array.from(
        { length: 4 },
        () => startCommand(command(origin, "a.csv", "--resume"), { cwd, env }).finished,
      ),
    );
    expect(runs.filter(({ code }) => code === 0)).toHaveLength(1);
    for (const { code, stderr } of runs.filter(({ code }) => code !== 0)) {
      // Whoever is late finds no other run any more, but its file.
      expect(stderr).toMatch(
        code === 75
          ? /^error: Another sparky-events is writing a\.csv at this moment\.$/m
          : /^error: a\.csv exists already\.$/m,
      );
    }
    expect(await readFile(join(cwd, "a.csv"), "utf8")).toBe(whole);
    expect(await readdir(cwd)).toEqual(["a.csv"]);
  });

  test("one of many takes over what a killed run left", async () => {
    const { origin } = await startDay();
    const cwd = await newFolder();
    await interrupt(cwd, command(origin), "SIGKILL");
    const runs = await Promise.all(
      Array.from(
        { length: 4 },
        () => startCommand(command(origin, "a.csv", "--resume"), { cwd, env }).finished,
      ),
    );
    expect(runs.filter(({ code }) => code === 0)).toHaveLength(1);
    expect(await readFile(join(cwd, "a.csv"), "utf8")).toBe(whole);
  });
});

describe("--resume", () => {
  test("without anything to go on from is an ordinary export", async () => {
    const { origin } = await startDay(0);
    const cwd = await newFolder();
    expect((await resume(cwd, command(origin))).code).toBe(0);
    expect(await readFile(join(cwd, "a.csv"), "utf8")).toBe(whole);
  });

  test("to standard output is refused: there is nothing to go on from", async () => {
    const { origin } = await startDay(0);
    const { code, stdout, stderr } = await resume(await newFolder(), command(origin, "-"));
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(stderr).toMatch(
      /^error: A stream cannot go on where it was interrupted \(--resume\)\.$/m,
    );
  });

  test("leaves a stranger's folder of the same name alone", async () => {
    const { mkdir } = await import("node:fs/promises");
    const { origin } = await startDay(0);
    const cwd = await newFolder();
    await mkdir(join(cwd, "a.csv.partial"));
    await writeFile(join(cwd, "a.csv.partial", "precious.txt"), "mine");
    const { code, stderr } = await runCommand(command(origin, "a.csv", "--force"), { cwd, env });
    expect(code).toBe(2);
    expect(stderr).toMatch(/a\.csv\.partial is needed, but holds something else: precious\.txt/);
    expect(await readFile(join(cwd, "a.csv.partial", "precious.txt"), "utf8")).toBe("mine");
  });
});
