import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { parse } from "csv-parse/sync";
import { describe, expect, test } from "vitest";
import { bounceClasses, eventProperties, eventTypes } from "../../src/catalog/event-catalog.js";
import { newFolder, runCommand } from "../support/command.js";
import { startTestSandbox } from "../support/sandbox.js";
import { json, startScriptedServer } from "../support/scripted-server.js";

async function run(...args: string[]) {
  return runCommand(args, { cwd: await newFolder(), env: { SPARKPOST_API_KEY: "key" } });
}

const described = (text: string, sample: unknown) => ({ description: text, sampleValue: sample });

const news = json(200, {
  results: [
    {
      type: described("Name.", "bounce"),
      rcpt_to: described("To.", "a@b"),
      mood: described("Mood.", 3),
    },
    { type: described("Name.", "teleport"), event_description: described("What.", "Beamed.") },
  ],
});

describe("types", () => {
  test("lists every type with its description", async () => {
    const { code, stdout, stderr } = await run("types");
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    const lines = stdout.trimEnd().split("\n");
    expect(lines[0]).toMatch(/^type +description$/);
    expect(lines.slice(1).map((line) => line.split(/ {2,}/))).toEqual(
      eventTypes.map(({ type, description }) => [type, description]),
    );
  });

  test("--format json has the properties too", async () => {
    const { stdout } = await run("types", "--format", "json");
    expect(JSON.parse(stdout)).toEqual(
      eventTypes.map(({ type, description, properties }) => ({ type, description, properties })),
    );
  });

  test("--live marks a type that the catalog lacks", async () => {
    const server = await startScriptedServer([news]);
    const { code, stdout, stderr } = await run("types", "--live", "--host", server.origin);
    expect(code).toBe(0);
    expect(server.requests).toEqual(["/api/v1/events/message/documentation"]);
    expect(stdout).toMatch(/^teleport \* +Beamed\.$/m);
    expect(stdout).toMatch(/^bounce {2,}Receiving/m);
    expect(stderr).toMatch(
      /^note: 1 of these, marked \*, is documented by 127\.0\.0\.1:\d+ and not/,
    );
  });

  test("--live says so where the catalog lacks nothing", async () => {
    const { origin } = await startTestSandbox(10);
    const { code, stdout, stderr } = await run("types", "--live", "--host", origin);
    expect(code).toBe(0);
    expect(stdout).not.toContain("*");
    expect(stderr).toMatch(/^note: The built-in catalog has all of what/);
  });

  test("--live takes host and key from --config", async () => {
    const server = await startScriptedServer([news]);
    const cwd = await newFolder();
    await writeFile(
      join(cwd, "my.ini"),
      `[SparkPost]\nAuthorization = ini-key\nHost = ${server.origin}`,
      { mode: 0o600 },
    );
    const { code } = await runCommand(["types", "--live", "-c", "my.ini"], { cwd });
    expect({ code, keys: server.keys }).toEqual({ code: 0, keys: ["ini-key"] });
  });

  test("--live gives up after a few seconds, for a person waits", async () => {
    const server = await startScriptedServer([json(500, {})]);
    const { code, stdout, stderr } = await runCommand(
      ["types", "--live", "--host", server.origin],
      {
        cwd: await newFolder(),
        env: { SPARKPOST_API_KEY: "key" },
        launcher: "fast",
      },
    );
    expect({ code, stdout }).toEqual({ code: 4, stdout: "" });
    expect(stderr).toContain(" kept failing for 5 s (");
  });

  test("--live: a refused key", async () => {
    const { origin } = await startTestSandbox(10);
    const { code, stderr } = await runCommand(["types", "--live", "--host", origin], {
      cwd: await newFolder(),
      env: { SPARKPOST_API_KEY: "unauthorized" },
    });
    expect(code).toBe(3);
    expect(stderr).toMatch(/^error: .* refused the API key \(401/);
  });
});

describe("properties", () => {
  test("lists every property once, and what stands for the whole event", async () => {
    const { stdout } = await run("properties", "--format", "csv");
    const records: Record<string, string>[] = parse(stdout, { columns: true });
    expect(records.map(({ property }) => property)).toEqual([
      ...Object.keys(eventProperties).sort(),
      "event",
    ]);
    expect(records.find(({ property }) => property === "fbtype")).toEqual({
      property: "fbtype",
      json_type: "string",
      example: "abuse",
      description: eventProperties.fbtype?.description,
      event_types: "spam_complaint",
    });
  });

  test("of one event type", async () => {
    const { stdout } = await run("properties", "Bounce");
    const names = stdout
      .trimEnd()
      .split("\n")
      .slice(1)
      .map((line) => line.split(" ")[0]);
    expect(names).toEqual(eventTypes.find(({ type }) => type === "bounce")?.properties);
  });

  test("--live marks a property that the catalog lacks for the type", async () => {
    const server = await startScriptedServer([news]);
    const args = ["properties", "bounce", "--live", "--host", server.origin];
    const { stdout } = await run(...args, "--format", "json");
    const rows: Record<string, unknown>[] = JSON.parse(stdout);
    expect(rows.at(-1)).toEqual({
      property: "mood",
      json_type: "integer",
      example: 3,
      description: "Mood.",
      event_types: ["bounce"],
      built_in: false,
    });
    expect(rows.filter(({ built_in }) => built_in)).toHaveLength(rows.length - 1);
    expect((await run(...args)).stdout).toMatch(/^mood \* +3 +Mood\.$/m);
  });

  test("an unknown event type", async () => {
    const { code, stdout, stderr } = await run("properties", "bonce");
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(stderr).toBe(
      'error: There is no event type "bonce".\n' +
        "Did you mean bounce? For all types: sparky-events types; with --live it asks SparkPost too.\n",
    );
  });
});

describe("bounce-classes", () => {
  test("lists code, name, category and description", async () => {
    const { stdout } = await run("bounce-classes");
    expect(stdout).toMatch(/^code +name +category +description\n/);
    expect(stdout).toMatch(/^10 {4}Invalid Recipient +Hard +No such recipient\.$/m);
  });

  test.each(["csv", "json"])("--format %s", async (format) => {
    const { stdout } = await run("bounce-classes", "--format", format);
    const rows =
      format === "csv" ? parse(stdout, { columns: true, cast: true }) : JSON.parse(stdout);
    expect(rows).toEqual(bounceClasses);
  });

  test("an unknown format", async () => {
    const { code, stderr } = await run("bounce-classes", "--format", "xml");
    expect(code).toBe(2);
    expect(stderr).toMatch(/'xml' is invalid\. Allowed choices are table, csv, json\./);
  });
});
