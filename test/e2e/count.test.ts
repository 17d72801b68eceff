import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { newFolder, runCommand } from "../support/command.js";
import { startEventServer } from "../support/event-server.js";
import { startTestSandbox } from "../support/sandbox.js";
import { json, page, startScriptedServer } from "../support/scripted-server.js";

const env = { SPARKPOST_API_KEY: "0123456789abcdef0123456789abcdef01234567" };
const hour = 3_600_000;

async function run(args: readonly string[], cwd?: string) {
  return runCommand(args, { cwd: cwd ?? (await newFolder()), env });
}

describe("count", () => {
  test("shows how many events there are of each type, the most first", async () => {
    const { source, origin, now } = await startTestSandbox(20_000);
    const midnight = Math.floor(now / (24 * hour)) * 24 * hour;
    const expected = new Map<string, number>();
    let total = 0;
    for (let index = 0; index < source.length; index++) {
      const time = source.timestampOf(index);
      if (time >= midnight - 24 * hour && time < midnight) {
        const type = source.typeOf(index);
        expected.set(type, (expected.get(type) ?? 0) + 1);
        total += 1;
      }
    }
    expect(expected.size).toBeGreaterThan(5);

    const csv = await run(["count", "yesterday", "--host", origin, "--format", "csv"]);
    expect(csv).toMatchObject({ code: 0, stderr: "" });
    const [header, ...rows] = csv.stdout.trim().split("\n");
    expect(header).toBe("type,events,share");
    expect(rows.length).toBe(18);
    const counts = rows.map((row) => Number(row.split(",")[1]));
    expect(counts).toEqual([...counts].sort((a, b) => b - a));
    for (const row of rows) {
      const [type = "", events, share] = row.split(",");
      expect([type, Number(events)]).toEqual([type, expected.get(type) ?? 0]);
      expect(Number(share)).toBeCloseTo((expected.get(type) ?? 0) / total, 4);
    }

    const object = await run(["count", "yesterday", "--host", origin, "--format", "json"]);
    const { from, to, events, types } = JSON.parse(object.stdout);
    expect([Date.parse(from), Date.parse(to), events]).toEqual([
      midnight - 24 * hour,
      midnight,
      total,
    ]);
    expect(types.map((row: { type: string; events: number }) => [row.type, row.events])).toEqual(
      rows.map((row) => [row.split(",")[0], Number(row.split(",")[1])]),
    );

    const table = await run(["count", "yesterday", "--host", origin]);
    const lines = table.stdout.trimEnd().split("\n");
    expect(lines[0]).toBe(`${from} to ${to} (end excluded)`);
    expect(lines[1]).toMatch(/^type +events +share$/);
    expect(lines.at(-1)).toMatch(/^total +[\d,]+ +100\.0%$/);
    expect(lines.length).toBe(2 + 18 + 1);
    expect(new Set(lines.slice(1).map((line) => line.length)).size).toBe(1);
    expect(lines[2]).toContain(Number(counts[0]).toLocaleString("en-US"));
  });

  test("takes the filters, the zone and the ini file of an export", async () => {
    const { origin } = await startTestSandbox(20_000);
    const cwd = await newFolder();
    await writeFile(
      join(cwd, "my.ini"),
      `[SparkPost]\nHost = ${origin}\nTimezone = Asia/Tokyo\nCampaigns = newsletter\nEvents = open, click, "spam complaint"\n`,
    );
    const range = [new Date(Date.now() - 6 * 24 * hour).toISOString().slice(0, 10), "yesterday"];
    const { code, stdout, stderr } = await run(
      ["count", ...range, "-c", "my.ini", "--format", "json"],
      cwd,
    );
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    const { from, events, types } = JSON.parse(stdout);
    expect(from).toMatch(/T15:00:00Z$/);
    expect(new Set(types.map(({ type }: { type: string }) => type))).toEqual(
      new Set(["open", "click", "spam_complaint"]),
    );
    const dry = await run([...range, "-c", "my.ini", "--dry-run"], cwd);
    expect(events).toBeGreaterThan(0);
    expect(dry.stdout).toContain(`\n${events.toLocaleString("en-US")} event`);
  });

  test("says what the types do not make up", async () => {
    const timestamp = new Date(Date.now() - 30 * hour).toISOString();
    const types = ["open", "open", "teleport"];
    const { origin } = await startEventServer({
      events: types.map((type, index) => ({ type, timestamp, event_id: `${index}` })),
      matches: ({ type }, parameters) =>
        !parameters.has("events") || parameters.get("events") === type,
    });
    const args = ["count", "3d", "now", "--host", origin];
    const { code, stdout, stderr } = await run(args);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^open +2 +66\.7%$/m);
    expect(stdout).toMatch(/^\(other types\) +1 +33\.3%$/m);
    expect(stdout).toMatch(/^total +3 +100\.0%$/m);
    expect(stderr).toContain(
      "note: 1 event is of a type that the built-in catalog does not have, or came in during the count. sparky-events types --live lists what SparkPost documents.\n",
    );
    const { types: rows, events } = JSON.parse((await run([...args, "--format", "json"])).stdout);
    expect([events, rows.at(-1)]).toEqual([
      3,
      { type: "(other types)", events: 1, share: expect.closeTo(1 / 3, 4) },
    ]);
  });

  test("warns where the types have more than all together", async () => {
    const replies = [10, 7, 7].map((totalCount) => page([], { totalCount }));
    const { origin } = await startScriptedServer([page([], { totalCount: 9 }), ...replies]);
    const { code, stdout, stderr } = await run([
      ...["count", "yesterday", "--host", origin, "-e", "open,click", "--concurrency", "1"],
    ]);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^total +7 /m);
    expect(stderr).toBe(
      "warning: The types have 10 events more than SparkPost counts in all. Events may have come in during the count; run it again.\n",
    );
  });

  test("asks for single events, several at once, and cuts long lists", async () => {
    const { origin, requests } = await startScriptedServer([page([], { totalCount: 1 })]);
    const cwd = await newFolder();
    const many = Array.from({ length: 150 }, (_, index) => `recipient-${index}@example.com`);
    await writeFile(join(cwd, "list.txt"), many.join("\n"));
    const args = ["count", "yesterday", "--host", origin, "--events", "open"];
    const { code, stdout } = await run([...args, "--recipients", "@list.txt"], cwd);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^open +2 +100\.0%$/m);
    expect(requests.length).toBe(4);
    for (const request of requests) {
      expect(request).toContain("per_page=1&");
      expect(request.length).toBeLessThan(4_096);
    }
  });

  test.each([
    [["count"], 2, "error: missing required argument 'from'"],
    [["count", "yesterdy"], 2, 'from "yesterdy" is not a time'],
    [["count", "today", "today", "today"], 2, "there are 3 arguments"],
    [["count", "yesterday", "--format", "xml"], 2, "Allowed choices are table, csv, json"],
    [["count", "yesterday", "--evnts", "x"], 2, "(Did you mean --events?)"],
    [["count", "yesterday", "--bounce-classes", "hrad"], 2, "Did you mean hard?"],
  ])("%j is refused", async (args, exitCode, message) => {
    const { code, stdout, stderr } = await run(args);
    expect({ code, stdout }).toEqual({ code: exitCode, stdout: "" });
    expect(stderr).toContain(message);
  });

  test("has the exit codes of an export", async () => {
    const { origin } = await startScriptedServer([json(401, { errors: [{ message: "No." }] })]);
    const { code, stdout } = await run(["count", "yesterday", "--host", origin]);
    expect({ code, stdout }).toEqual({ code: 3, stdout: "" });
  });

  test("has help with examples", async () => {
    const { stdout } = await run(["count", "--help"]);
    expect(stdout).toContain("Usage: sparky-events count [options] <from> [to]");
    expect(stdout).toContain("sparky-events count yesterday");
    expect(stdout).toContain("--bounce-classes");
    expect((await run(["--help"])).stdout).toContain("count <from> [to]");
  });
});

describe("the summary of an export", () => {
  test("has all types with --verbose, and says so without", async () => {
    const { origin } = await startTestSandbox(20_000);
    const cwd = await newFolder();
    const args = ["2d", "now", "--host", origin, "-p", "type", "-o"];
    const brief = await run([...args, "a.csv"], cwd);
    const more = /^ {2}and (\d+) more types \(--verbose shows them\)$/m.exec(brief.stderr)?.[1];
    expect(Number(more)).toBeGreaterThan(1);
    const { stderr } = await run([...args, "b.csv", "--verbose"], cwd);
    const summary = stderr.slice(stderr.indexOf("✔"));
    expect(summary).not.toContain("more type");
    expect(summary.match(/^ {2}[a-z_]+ +[\d,]+$/gm)?.length).toBe(5 + Number(more));
  });
});
