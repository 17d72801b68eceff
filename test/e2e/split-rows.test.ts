import { existsSync } from "node:fs";
import { mkdir, readdir, readFile, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { describe, expect, onTestFinished, test } from "vitest";
import { exportEvents } from "../../src/export/export-events.js";
import { startSandbox } from "../../src/sandbox/server.js";
import { newFolder, runCommand, startCommand, startStoppable } from "../support/command.js";
import { day } from "../support/days.js";
import { diskOf } from "../support/disk.js";
import { eventList } from "../support/event-list.js";
import { randomNumbers, sample, seed, times } from "../support/random-numbers.js";
import { page, startScriptedServer } from "../support/scripted-server.js";

const key = "0123456789abcdef0123456789abcdef01234567";
const env = { SPARKPOST_API_KEY: key };
const midnight = Date.parse(`${day}T00:00:00Z`);
const header = "event_id,subject\n";

/** Records with line breaks and quotes, so that no line or quote by itself says where one ends. */
function startDay(count: number, { latency = 0, padding = "" } = {}) {
  const events = Array.from({ length: count }, (_, index) => ({
    type: "click",
    event_id: String(index),
    subject: index % 3 === 0 ? `"\n",${index}\n"\n${padding}` : `plain${padding}`,
    timestamp: new Date(midnight + (count - index) * 20_000).toISOString(),
  }));
  const records = events.map(({ event_id, subject }, index) =>
    index % 3 === 0
      ? `${event_id},"${subject.replaceAll('"', '""')}"\n`
      : `${event_id},${subject}\n`,
  );
  return startSandbox({
    source: eventList(events),
    latency,
    now: () => midnight + 2 * 864e5,
  }).then((sandbox) => {
    onTestFinished(() => sandbox.close());
    return { origin: sandbox.origin, records };
  });
}

function command(origin: string, splitRows: number | string, ...more: string[]) {
  const columns = ["--host", origin, "-p", "event_id,subject", "--per-page", "50"];
  return [day, ...columns, "--split-rows", `${splitRows}`, "-o", "a.csv", ...more];
}

/** What the files of a folder must hold, by name. */
function expectedFiles(records: readonly string[], splitRows: number, ending = ".csv") {
  const files: Record<string, string> = {};
  for (let start = 0; start === 0 || start < records.length; start += splitRows) {
    const number = start / splitRows + 1;
    files[`a${number === 1 ? "" : `-${number}`}${ending}`] =
      header + records.slice(start, start + splitRows).join("");
  }
  return files;
}

async function filesOf(cwd: string): Promise<Record<string, string>> {
  const files: Record<string, string> = {};
  for (const name of await readdir(cwd)) {
    const content = await readFile(join(cwd, name));
    files[name] = (content[0] === 0x1f ? gunzipSync(content) : content).toString("utf8");
  }
  return files;
}

describe("--split-rows", () => {
  test.each([
    [1, 4],
    [7, 1],
    [50, 4],
    [128, 8],
    [599, 4],
    [600, 4],
    [601, 4],
  ])("%d gives files of so many records, with %d requests at once", async (rows, concurrency) => {
    const { origin, records } = await startDay(600);
    for (const [out, ending] of sample(
      [
        ["a.csv", ".csv"],
        ["a.csv.gz", ".csv.gz"],
        ["a", ""],
      ] as const,
      rows === 1 ? 1 : 3,
    )) {
      const cwd = await newFolder();
      const { code } = await runCommand(
        command(origin, rows, "-o", out, "--concurrency", `${concurrency}`),
        { cwd, env },
      );
      expect(code).toBe(0);
      expect(await filesOf(cwd)).toEqual(expectedFiles(records, rows, ending));
    }
  });

  test("gives one file with the header alone where there are no events", async () => {
    const { origin } = await startDay(0);
    const cwd = await newFolder();
    expect((await runCommand(command(origin, 1), { cwd, env })).code).toBe(0);
    expect(await filesOf(cwd)).toEqual({ "a.csv": header });
  });

  test("comes from the ini file too, and 0 switches it off", async () => {
    const { origin, records } = await startDay(10);
    const cwd = await newFolder();
    await writeFile(join(cwd, "own.ini"), "[SparkPost]\nSplitRows = 4\n");
    const args = command(origin, 4, "-c", "own.ini").filter(
      (arg) => arg !== "--split-rows" && arg !== "4",
    );
    const { code, stderr } = await runCommand(args, { cwd, env });
    expect(code).toBe(0);
    expect(stderr).toMatch(/✔ 10 events in 3 files, a\.csv to a-3\.csv \(\d+ bytes\)/);
    const { "own.ini": _, ...files } = await filesOf(cwd);
    expect(files).toEqual(expectedFiles(records, 4));
    const off = await runCommand([...args, "--split-rows", "0", "-o", "-"], { cwd, env });
    expect(off.stdout).toBe(header + records.join(""));
  });

  test("tells a program the paths and the size of all files", async () => {
    const { origin, records } = await startDay(10);
    const output = join(await newFolder(), "a.csv");
    const result = await exportEvents({
      connection: { host: origin, apiKey: key },
      search: { from: new Date(midnight), to: new Date(midnight + 864e5) },
      columns: ["event_id", "subject"],
      output,
      splitRows: 4,
    });
    expect(result).toMatchObject({
      path: output,
      paths: [output, output.replace(".csv", "-2.csv"), output.replace(".csv", "-3.csv")],
      removed: [],
      events: 10,
      bytes: Buffer.byteLength(records.join("")) + 3 * header.length,
    });
  });

  test.each(["-1", "1.5", "many", "1,000", "", "1e3"])(
    "%j is refused with a word on what to write",
    async (rows) => {
      const { origin } = await startDay(0);
      const { code, stderr } = await runCommand(command(origin, rows), {
        cwd: await newFolder(),
        env,
      });
      expect(code).toBe(2);
      expect(stderr).toContain(
        `error: --split-rows: "${rows}" is not a number of rows.\nWrite digits only, for example 1000000, or 0 for a single file.\n`,
      );
    },
  );

  test.each(["-", "/dev/null", "pipe"])("to %s is refused before any request", async (out) => {
    const server = await startScriptedServer([page([])]);
    const cwd = await newFolder();
    if (out === "pipe") {
      const { execFileSync } = await import("node:child_process");
      execFileSync("mkfifo", [join(cwd, "pipe")]);
    }
    const { code, stdout, stderr } = await runCommand(command(server.origin, 10, "-o", out), {
      cwd,
      env,
    });
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(stderr).toMatch(
      /^error: Only files can be split \(--split-rows 10\), not .+\.\nWrite to a file with --out FILE, or switch splitting off with --split-rows 0\.$/m,
    );
    expect(server.requests).toEqual([]);
  });
});

describe("files that are there already", () => {
  test.each(["a.csv", "a-2.csv"])("are refused before any request: %s", async (name) => {
    const server = await startScriptedServer([page([])]);
    const cwd = await newFolder();
    await writeFile(join(cwd, name), "old");
    const { code, stderr } = await runCommand(command(server.origin, 10), { cwd, env });
    expect(code).toBe(2);
    expect(stderr).toContain(`error: ${name} exists already.\n`);
    expect(server.requests).toEqual([]);
    expect(await filesOf(cwd)).toEqual({ [name]: "old" });
  });

  test("are refused as soon as it is known how many files there will be", async () => {
    const server = await startScriptedServer([page([], { totalCount: 25 })]);
    for (const name of ["a-3.csv", "a-4.csv"]) {
      const cwd = await newFolder();
      await writeFile(join(cwd, name), "old");
      const { code, stderr } = await runCommand(command(server.origin, 10), { cwd, env });
      expect(code).toBe(2);
      expect(stderr).toContain(`error: ${name} exists already.\n`);
      expect(await filesOf(cwd)).toEqual({ [name]: "old" });
    }
    expect(server.requests).toHaveLength(2);
  });

  test("but only look like parts of it are left alone", async () => {
    const { origin, records } = await startDay(10);
    const cwd = await newFolder();
    const strangers = ["a-02.csv", "a-1.csv", "a-2026.csv", "a-2-3.csv", "a-2.csv.gz", "aa-2.csv"];
    for (const name of strangers) {
      await writeFile(join(cwd, name), "mine");
    }
    expect((await runCommand(command(origin, 4, "--force"), { cwd, env })).code).toBe(0);
    expect(await filesOf(cwd)).toEqual({
      ...expectedFiles(records, 4),
      ...Object.fromEntries(strangers.map((name) => [name, "mine"])),
    });
  });

  test("are replaced with --force, and further ones of a longer export are removed", async () => {
    const { origin, records } = await startDay(10);
    const cwd = await newFolder();
    const names = ["a.csv", "a-2.csv", "a-3.csv", "a-4.csv", "a-5.csv", "a-7.csv"];
    for (const name of names) {
      await writeFile(join(cwd, name), `${header}old\n`);
    }
    await writeFile(join(cwd, "a-6.csv"), "mine");
    const { code, stderr } = await runCommand(command(origin, 4, "--force"), { cwd, env });
    expect(code).toBe(0);
    expect(stderr).toMatch(/^note: a-4\.csv, of an earlier export, was removed\.$/m);
    expect(stderr).toMatch(/^note: a-5\.csv, of an earlier export, was removed\.$/m);
    expect(await filesOf(cwd)).toEqual({
      ...expectedFiles(records, 4),
      // Somebody else's, and what comes after that.
      "a-6.csv": "mine",
      "a-7.csv": `${header}old\n`,
    });
  });

  test("stay as they are when one of them appears while the export runs", async () => {
    const { origin, records } = await startDay(600, { latency: 50 });
    const cwd = await newFolder();
    const run = startStoppable(command(origin, 100), { cwd, env });
    await untilExists(join(cwd, "a.csv.partial", "journal"));
    await writeFile(join(cwd, "a-2.csv"), "mine");
    const { code, stderr } = await run.finished;
    expect(code).toBe(2);
    expect(stderr).toMatch(
      /^error: a-2\.csv appeared while the export ran, and was left alone\.$/m,
    );
    expect((await readdir(cwd)).sort()).toEqual(["a-2.csv", "a.csv.partial"]);
    expect(await readFile(join(cwd, "a-2.csv"), "utf8")).toBe("mine");
    const { rename } = await import("node:fs/promises");
    await rename(join(cwd, "a-2.csv"), join(cwd, "b"));
    expect((await runCommand(command(origin, 100, "--resume"), { cwd, env })).code).toBe(0);
    expect(await filesOf(cwd)).toEqual({ ...expectedFiles(records, 100), b: "mine" });
  });

  test("stay as they are, with --force, when one of them cannot be replaced", async () => {
    const { origin, records } = await startDay(600, { latency: 50 });
    const cwd = await newFolder();
    const old = (name: string) => `${header}old ${name}\n`;
    for (const name of ["a.csv", "a-3.csv", "a-6.csv", "a-7.csv"]) {
      await writeFile(join(cwd, name), old(name));
    }
    const run = startStoppable(command(origin, 100, "--force"), { cwd, env });
    await untilExists(join(cwd, "a.csv.partial", "journal"));
    await mkdir(join(cwd, "a-2.csv"));
    const { code, stderr } = await run.finished;
    expect(code).toBe(2);
    expect(stderr).toMatch(/^error: a-2\.csv is no ordinary file\.$/m);
    const { rmdir } = await import("node:fs/promises");
    await rmdir(join(cwd, "a-2.csv"));
    for (const name of ["a.csv", "a-3.csv", "a-6.csv", "a-7.csv"]) {
      expect(await readFile(join(cwd, name), "utf8")).toBe(old(name));
    }
    expect(existsSync(join(cwd, "a-5.csv"))).toBe(false);
    const again = await runCommand(command(origin, 100, "--force", "--resume"), { cwd, env });
    expect(again.code).toBe(0);
    expect(await filesOf(cwd)).toEqual(expectedFiles(records, 100));
  });

  test("under a symbolic link are those that it leads to", async () => {
    const { origin, records } = await startDay(10);
    const cwd = await newFolder();
    await mkdir(join(cwd, "data"));
    await writeFile(join(cwd, "data", "a.csv"), "old");
    await symlink("data/a.csv", join(cwd, "link.csv"));
    const { code } = await runCommand(command(origin, 4, "-o", "link.csv", "--force"), {
      cwd,
      env,
    });
    expect(code).toBe(0);
    expect(await filesOf(join(cwd, "data"))).toEqual(expectedFiles(records, 4));
  });
});

describe("a split export that comes out short", () => {
  test("keeps all that arrived under names that say so", async () => {
    const events = [1, 2, 3].map((n) => ({ type: "click", event_id: `${n}`, subject: "x" }));
    const server = await startScriptedServer([page(events, { totalCount: 9 })]);
    const cwd = await newFolder();
    for (const name of ["a-3.csv.incomplete", "a-4.csv.incomplete"]) {
      await writeFile(join(cwd, name), "old");
    }
    const { code, stderr } = await runCommand(command(server.origin, 2, "--concurrency", "1"), {
      cwd,
      env,
    });
    expect(code).toBe(5);
    expect(stderr).toContain("What arrived is in 2 files, a.csv.incomplete to a-2.csv.incomplete.");
    expect(await filesOf(cwd)).toEqual({
      "a.csv.incomplete": `${header}1,x\n2,x\n`,
      "a-2.csv.incomplete": `${header}3,x\n`,
    });
  });
});

const crashes = times(3, 10);

describe(`a split export that is killed (SEED=${seed})`, () => {
  test.each([
    ["a.csv", 4],
    ["a.csv", 1],
    ["a.csv.gz", 8],
    ["a.csv.gz", 1],
  ])(
    `at ${crashes} random changes to the disk gives the identical files: %s with %d at once`,
    async (out, concurrency) => {
      const random = randomNumbers(seed);
      const padding = "x".repeat(times(1_500, 5_000));
      const { origin, records } = await startDay(3_000, { latency: 20, padding });
      const cwd = await newFolder();
      const args = command(origin, 701, "-o", out, "--concurrency", `${concurrency}`);
      const undisturbed = await newFolder();
      expect((await runCommand(args, { cwd: undisturbed, env })).code).toBe(0);
      for (let crash = 0; crash < crashes; crash++) {
        const disk = diskOf(["crash.js"], { ...env, CRASH_AT: `${1 + random(100)}` });
        await runCommand([...args, "--resume"], { cwd, ...disk });
      }
      const { code, stderr } = await runCommand([...args, "--resume"], { cwd, env });
      expect(code === 0 || stderr.includes("exists already"), stderr).toBe(true);
      const left = await readdir(join(cwd, `${out}.partial`)).catch(() => undefined);
      expect(left).toBeUndefined();
      expect(await filesOf(cwd)).toEqual(expectedFiles(records, 701, out.slice(1)));
      for (const name of await readdir(undisturbed)) {
        const expected = await readFile(join(undisturbed, name));
        expect((await readFile(join(cwd, name))).equals(expected)).toBe(true);
      }
    },
  );

  test.each(["", "--force"])(
    "while its files get their names gives them all with --resume %s",
    async (force) => {
      const { origin, records } = await startDay(1_000);
      const cwd = await newFolder();
      const more = force ? [force] : [];
      if (force) {
        await writeFile(join(cwd, "a.csv"), "old 1");
        await writeFile(join(cwd, "a-499.csv"), "old 499");
      }
      const run = startCommand(command(origin, 2, ...more), { cwd, env });
      await untilExists(join(cwd, "a-500.csv"));
      run.process.kill("SIGKILL");
      await run.finished;
      const published = (await readdir(cwd)).length;
      expect(published).toBeGreaterThan(1);
      expect(published).toBeLessThan(500);
      const unsaid = await runCommand(command(origin, 2), { cwd, env });
      expect(unsaid.code).toBe(2);
      // What was there before is there again.
      expect((await readdir(cwd)).sort()).toEqual(
        force ? ["a-499.csv", "a.csv", "a.csv.partial"] : ["a.csv.partial"],
      );
      if (force) {
        expect(await readFile(join(cwd, "a.csv"), "utf8")).toBe("old 1");
        expect(await readFile(join(cwd, "a-499.csv"), "utf8")).toBe("old 499");
      }
      const again = await runCommand(command(origin, 2, "--resume", ...more), { cwd, env });
      expect(again.code).toBe(0);
      expect(await filesOf(cwd)).toEqual(expectedFiles(records, 2));
    },
  );

  test("is not gone on with by one that is split otherwise", async () => {
    const { origin } = await startDay(3_000, { latency: 50 });
    const cwd = await newFolder();
    const run = startStoppable(command(origin, 100), { cwd, env });
    await untilExists(join(cwd, "a.csv.partial", "main-2"));
    run.kill("SIGKILL");
    await run.finished;
    const { code, stderr } = await runCommand(command(origin, 101, "--resume"), { cwd, env });
    expect(code).toBe(2);
    expect(stderr).toContain("holds an interrupted export of something else: the rows per file");
  });
});

async function untilExists(path: string): Promise<void> {
  while (!existsSync(path)) {
    await new Promise((resolve) => setImmediate(resolve));
  }
}
