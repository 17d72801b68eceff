import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { parse } from "csv-parse/sync";
import { describe, expect, onTestFinished, test } from "vitest";
import { startSandbox } from "../../src/sandbox/server.js";
import { newFolder, runCommand, startStoppable } from "../support/command.js";
import { day } from "../support/days.js";
import { diskOf } from "../support/disk.js";
import { eventList } from "../support/event-list.js";
import { randomNumbers, sample, seed, times } from "../support/random-numbers.js";
import { json, page, silence, startScriptedServer } from "../support/scripted-server.js";

const env = { SPARKPOST_API_KEY: "0123456789abcdef0123456789abcdef01234567" };
const midnight = Date.parse(`${day}T00:00:00Z`);

/** Every recipient has events all over the day; the subject needs all that CSV has. */
const events = Array.from({ length: 4_500 }, (_, index) => ({
  type: index % 3 === 0 ? "click" : "open",
  event_id: String(index),
  rcpt_to: `recipient-${(index * 7_919) % 3_000}@example.com`,
  ...(index % 2 === 0 ? { subject: 'Hello, "world"\nand more' } : {}),
  timestamp: new Date(midnight + (4_500 - index) * 18_000).toISOString(),
}));

const wanted = Array.from({ length: 2_000 }, (_, index) => `recipient-${index}@example.com`);
const wantedEvents = events.filter(({ rcpt_to }) => wanted.includes(rcpt_to));
const numberOf = (type: string) =>
  wantedEvents.filter((event) => event.type === type).length.toLocaleString("en");
const total = wantedEvents.length.toLocaleString("en");
const columns = ["event_id", "timestamp", "rcpt_to", "subject"] as const;
const records = wantedEvents.map((event) => columns.map((column) => event[column] ?? ""));

async function startDay(latency = 0, source: readonly Record<string, unknown>[] = events) {
  const sandbox = await startSandbox({
    source: eventList(source),
    latency,
    now: () => midnight + 2 * 864e5,
  });
  onTestFinished(() => sandbox.close());
  return sandbox;
}

async function folderWithList(): Promise<string> {
  const cwd = await newFolder();
  await writeFile(join(cwd, "list.txt"), `\uFEFF${wanted.join("\r\n")}\r\n\r\n${wanted[0]}\r\n`);
  return cwd;
}

function command(origin: string, out: string, ...more: string[]) {
  const properties = ["-p", columns.join(","), "--per-page", "100"];
  return [day, "--host", origin, ...properties, "--recipients", "@list.txt", "-o", out, ...more];
}

describe("2,000 recipients from a file", () => {
  test("give the same events as an export of everything has, newest first, for any concurrency", async () => {
    const { origin } = await startDay();
    const cwd = await folderWithList();
    const files: Buffer[] = [];
    for (const concurrency of sample(["1", "4", "32"], 2)) {
      const out = `${concurrency}.csv`;
      const { code, stderr } = await runCommand(
        command(origin, out, "--concurrency", concurrency),
        { cwd, env },
      );
      expect(stderr).toMatch(
        /^note: The filters are too long for one search; \d+ are made of it\.$/m,
      );
      expect(stderr).toContain(`✔ ${total} events`);
      expect(stderr).toContain(`  open   ${numberOf("open")}\n  click  ${numberOf("click")}\n`);
      expect(code).toBe(0);
      files.push(await readFile(join(cwd, out)));
    }
    const [header, ...found] = parse(files[0] ?? "");
    expect(header).toEqual(columns);
    expect(found).toEqual(records);
    expect(files.every((file) => file.equals(files[0] ?? file))).toBe(true);
    expect((await readdir(cwd)).filter((name) => !/^\d+\.csv$/.test(name))).toEqual(["list.txt"]);
  });

  test("give the same bytes gzipped and to standard output", async () => {
    const { origin } = await startDay();
    const cwd = await folderWithList();
    const plain = await runCommand(command(origin, "-"), { cwd, env });
    expect(plain.code).toBe(0);
    const gzipped = await runCommand(command(origin, "a.csv.gz"), { cwd, env });
    expect(gzipped.code).toBe(0);
    const unzipped = gunzipSync(await readFile(join(cwd, "a.csv.gz"))).toString("utf8");
    expect(unzipped).toBe(plain.stdout);
    expect(parse(unzipped).slice(1)).toEqual(records);
  });

  test("are counted with --dry-run", async () => {
    const { origin } = await startDay();
    const cwd = await folderWithList();
    const { code, stdout } = await runCommand(command(origin, "a.csv", "--dry-run"), { cwd, env });
    expect(code).toBe(0);
    expect(stdout).toMatch(new RegExp(`^${total} events, \\d+ requests$`, "m"));
  });

  test("leave blank records of a single column readable", async () => {
    const { origin } = await startDay();
    const cwd = await folderWithList();
    const args = [day, "--host", origin, "-p", "subject", "--recipients", "@list.txt", "-o", "-"];
    const { stdout } = await runCommand(args, { cwd, env });
    expect(parse(stdout).slice(1)).toEqual(records.map(([, , , subject]) => [subject]));
  });

  test("of which the legacy API is asked come in order too", async () => {
    const { origin } = await startDay();
    const cwd = await folderWithList();
    const legacy = ["--api", "message-events", "-z", "Asia/Tokyo"];
    const range = [`${day}T00:00Z`, `${day}T23:59Z`];
    const { code, stdout } = await runCommand(
      [...range, ...command(origin, "-", ...legacy).slice(1)],
      { cwd, env },
    );
    expect(code).toBe(0);
    expect(
      parse(stdout)
        .slice(1)
        .map(([id]) => id),
    ).toEqual(records.map(([id]) => id));
  });
});

describe(`an export in parts (SEED=${seed})`, () => {
  test.each([
    ["a.csv", 4],
    ["a.csv", 1],
    ["a.csv.gz", 8],
  ])(
    "that crashes at random changes to the disk and is resumed gives the identical file: %s with %d at once",
    async (out, concurrency) => {
      const random = randomNumbers(seed);
      const { origin } = await startDay(15);
      const cwd = await folderWithList();
      const undisturbed = await runCommand(command(origin, `whole-${out}`), { cwd, env });
      expect(undisturbed.code).toBe(0);
      const args = command(origin, out, "--concurrency", `${concurrency}`, "--resume");
      for (let crash = 0; crash < times(3, 8); crash++) {
        const disk = diskOf(["crash.js"], { ...env, CRASH_AT: `${1 + random(120)}` });
        await runCommand(args, { cwd, ...disk });
      }
      const { code } = await runCommand(args, { cwd, env });
      expect([0, 2]).toContain(code);
      const whole = await readFile(join(cwd, `whole-${out}`));
      expect((await readFile(join(cwd, out))).equals(whole)).toBe(true);
      expect((await readdir(cwd)).sort()).toEqual([out, "list.txt", `whole-${out}`].sort());
    },
  );

  test("goes on after an interruption from what is there, but not by accident", async () => {
    const { origin } = await startDay(20);
    const cwd = await folderWithList();
    const args = command(origin, "a.csv", "--concurrency", "1");
    const run = startStoppable(args, { cwd, env });
    const journal = join(cwd, "a.csv.partial", "journal");
    while (!(await readFile(journal, "utf8").catch(() => "")).includes('"part":2')) {
      expect(run.hasEnded()).toBe(false);
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    run.kill("SIGINT");
    const { code, stderr } = await run.finished;
    expect(code).toBe(130);
    expect(stderr).toMatch(/^What arrived is kept in a\.csv\.partial; /m);
    const again = await runCommand(args, { cwd, env });
    expect(again.code).toBe(2);
    expect(again.stderr).toMatch(
      /^error: An interrupted export of the same range exists: \d+ of \d+ parts are there\.\nAdd --resume/m,
    );
    const resumed = await runCommand([...args, "--resume"], { cwd, env });
    expect(resumed.code).toBe(0);
    expect(resumed.stderr).toContain(`✔ ${total} events`);
    const [, arrived = ""] =
      /^ {2}([\d,]+) of them had arrived before this run$/m.exec(resumed.stderr) ?? [];
    expect(Number(arrived.replaceAll(",", ""))).toBeGreaterThan(0);
    expect(Number(arrived.replaceAll(",", ""))).toBeLessThan(wantedEvents.length);
    expect(Number(/(\d+) requests/.exec(resumed.stderr)?.[1])).toBeLessThan(60);
    expect(parse(await readFile(join(cwd, "a.csv"))).slice(1)).toEqual(records);
    expect((await readdir(cwd)).sort()).toEqual(["a.csv", "list.txt"]);
  });

  test.each(["a.csv", "a.csv.gz"])(
    "that is killed while the parts of %s are merged goes on with that",
    async (out) => {
      const large = events.map((event) => ({ ...event, subject: `"${"x,\n".repeat(1_500)}` }));
      const { origin } = await startDay(0, large);
      const cwd = await folderWithList();
      const args = command(origin, out, "--resume");
      for (const chunks of [2, 3]) {
        const disk = diskOf(["crash.js"], {
          ...env,
          CRASH_FILE: `${out}.partial/journal`,
          CRASH_TEXT: '"type":"chunk"',
          CRASH_AT: `${chunks}`,
        });
        expect((await runCommand(args, { cwd, ...disk })).signal).toBe("SIGKILL");
      }
      const { code, stderr } = await runCommand(args, { cwd, env });
      expect(code).toBe(0);
      expect(stderr).toMatch(/, 0 requests$/m);
      const file = await readFile(join(cwd, out));
      const found = parse(out.endsWith(".gz") ? gunzipSync(file) : file).slice(1);
      expect(found.map(([id]) => id)).toEqual(records.map(([id]) => id));
      expect(found.every(([, , , subject]) => subject === large[0]?.subject)).toBe(true);
      expect((await readdir(cwd)).sort()).toEqual([out, "list.txt"]);
    },
  );

  test("begins anew with --force", async () => {
    const { origin } = await startDay(20);
    const cwd = await folderWithList();
    const run = startStoppable(command(origin, "a.csv"), { cwd, env });
    const folder = join(cwd, "a.csv.partial", "parts");
    while ((await readdir(folder).catch(() => [])).length < 3) {
      expect(run.hasEnded()).toBe(false);
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    run.kill("SIGKILL");
    await run.finished;
    const { code } = await runCommand(command(origin, "a.csv", "--force"), { cwd, env });
    expect(code).toBe(0);
    expect(parse(await readFile(join(cwd, "a.csv"))).slice(1)).toEqual(records);
    expect((await readdir(cwd)).sort()).toEqual(["a.csv", "list.txt"]);
  });

  test("in one of which events are missing is kept as incomplete, with all that arrived", async () => {
    const server = await startScriptedServer([
      page([], { totalCount: 2 }),
      page([], { totalCount: 1 }),
      page([{ timestamp: `${day}T10:00:00Z`, event_id: "a" }], { totalCount: 2 }),
      page([{ timestamp: `${day}T11:00:00Z`, event_id: "b" }]),
    ]);
    const cwd = await folderWithList();
    await writeFile(join(cwd, "list.txt"), wanted.slice(0, 200).join("\n"));
    const { code, stderr } = await runCommand(
      command(server.origin, "a.csv", "--concurrency", "1"),
      { cwd, env },
    );
    expect(code).toBe(5);
    expect(server.requests.length).toBe(4);
    expect(stderr).toContain("SparkPost counted 3 events, but only 2 arrived.");
    const kept = await readFile(join(cwd, "a.csv.incomplete"), "utf8");
    expect(parse(kept).map(([id]) => id)).toEqual(["event_id", "b", "a"]);
    expect((await readdir(cwd)).sort()).toEqual(["a.csv.incomplete", "list.txt"]);
  });

  test("stops when one of the parts fails, though others wait for an answer", async () => {
    const count = page([], { totalCount: 1 });
    const server = await startScriptedServer([
      ...Array.from({ length: 17 }, () => count),
      silence,
      json(403, { errors: [{ message: "Forbidden." }] }),
      silence,
    ]);
    const cwd = await folderWithList();
    const { code, stderr } = await runCommand(command(server.origin, "a.csv"), { cwd, env });
    expect(code).toBe(3);
    expect(stderr).not.toContain("kept in");
    expect(server.requests.length).toBeLessThanOrEqual(17 + 4);
    expect(await readdir(cwd)).toEqual(["list.txt"]);
  });

  test("is refused before the first request where it cannot be cut", async () => {
    const server = await startScriptedServer([page([])]);
    const cwd = await folderWithList();
    const { code, stderr } = await runCommand(
      [day, "--host", server.origin, "--subjects", "@list.txt"],
      { cwd, env },
    );
    expect(code).toBe(2);
    expect(stderr).toMatch(
      /^error: The values of --subjects are too long for one request: they take [\d,]+ characters of 4,096 for everything\.\n.*Give --subjects fewer values\.$/m,
    );
    expect(server.requests).toEqual([]);
    expect(await readdir(cwd)).toEqual(["list.txt"]);
  });
});

test("lists that would take more searches than anybody waits for are refused", async () => {
  const server = await startScriptedServer([page([])]);
  const cwd = await folderWithList();
  const ids = Array.from({ length: 9_000 }, (_, index) => `65832150921${100_000 + index}`);
  await writeFile(join(cwd, "ids.txt"), ids.join("\n"));
  const { code, stderr } = await runCommand(
    command(server.origin, "a.csv", "--transmissions", "@ids.txt"),
    { cwd, env },
  );
  expect(code).toBe(2);
  expect(stderr).toMatch(/^error: The lists of values are so long that [\d,]+ searches would/m);
  expect(server.requests).toEqual([]);
});

describe("values", () => {
  test("of an option that is repeated are one list", async () => {
    const { origin } = await startDay();
    const cwd = await newFolder();
    const args = [day, "--host", origin, "-p", "rcpt_to", "-o", "-"];
    const { stdout } = await runCommand(
      [...args, "--recipients", wanted[0] ?? "", "--recipients", wanted[1] ?? ""],
      { cwd, env },
    );
    expect(new Set(stdout.trim().split("\n").slice(1))).toEqual(new Set(wanted.slice(0, 2)));
  });

  test.each(["", " , "])("must be there: %j", async (list) => {
    const { code, stderr } = await runCommand([day, "--recipients", list], {
      cwd: await newFolder(),
      env,
    });
    expect(code).toBe(2);
    expect(stderr).toContain("error: --recipients names no value.\n");
  });

  test("may hold the separator", async () => {
    const source = eventList([
      { type: "open", event_id: "1", subject: "Hello, world", timestamp: `${day}T10:00:00Z` },
      { type: "open", event_id: "2", subject: "Hello", timestamp: `${day}T09:00:00Z` },
      { type: "open", event_id: "3", subject: "Sale", timestamp: `${day}T08:00:00Z` },
    ]);
    const sandbox = await startSandbox({ source, now: () => midnight + 2 * 864e5 });
    onTestFinished(() => sandbox.close());
    const cwd = await newFolder();
    await mkdir(join(cwd, "config"));
    await writeFile(join(cwd, "config", "list.txt"), "Hello, world\nSale\n");
    const list = '"Hello, world", Sale';
    await writeFile(join(cwd, "config", "quoted.ini"), `[SparkPost]\nSubjects = ${list}\n`);
    await writeFile(join(cwd, "config", "file.ini"), "[SparkPost]\nSubjects = @list.txt\n");
    for (const args of [
      ["--subjects", list],
      ["--subjects", "@config/list.txt"],
      ["-c", "config/quoted.ini"],
      ["-c", "config/file.ini"],
    ]) {
      const { code, stdout } = await runCommand(
        [day, "--host", sandbox.origin, "-p", "event_id", "-o", "-", ...args],
        { cwd, env },
      );
      expect({ args, code, stdout }).toEqual({ args, code: 0, stdout: "event_id\n1\n3\n" });
    }
  });

  test("in a file that is of no use are an error that names the option or the line", async () => {
    const cwd = await newFolder();
    await writeFile(join(cwd, "empty.txt"), "\n \n");
    await writeFile(join(cwd, "a.ini"), "[SparkPost]\n\nRecipients = @missing.txt\n");
    const run = (...args: string[]) => runCommand([day, ...args], { cwd, env });
    const hint =
      '@FILE stands for the values in a file, one per line. A value that begins with @ goes into double quotes: "@missing.txt"\n';
    expect(await run("--recipients", "@missing.txt")).toMatchObject({
      code: 2,
      stderr: `error: --recipients: cannot read missing.txt: there is no such file.\n${hint}`,
    });
    expect(await run("-c", "a.ini")).toMatchObject({
      code: 2,
      stderr: `error: a.ini, line 3: Recipients: cannot read missing.txt: there is no such file.\n${hint}`,
    });
    expect(await run("--recipients", "@empty.txt")).toMatchObject({
      code: 2,
      stderr:
        "error: --recipients: empty.txt holds no values.\nWrite one value per line, or leave the filter out to export everything.\n",
    });
  });
});
