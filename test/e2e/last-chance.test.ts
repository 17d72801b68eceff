import { describe, expect, test } from "vitest";
import { newFolder, runCommand } from "../support/command.js";
import { json, page, startScriptedServer } from "../support/scripted-server.js";

const env = { SPARKPOST_API_KEY: "0123456789abcdef0123456789abcdef01234567" };
const now = "2026-11-20T12:00:00Z";

async function exportFrom(from: string, to: string, ...options: string[]) {
  const { origin } = await startScriptedServer([json(503, {})]);
  return runCommand(
    [from, to, "--host", origin, "-o", "a.csv", "-z", "Europe/Berlin", ...options],
    { cwd: await newFolder(), env: { ...env, CLOCK: now }, launcher: "dated" },
  );
}

describe("where SparkPost is not reached, an export says until when nothing is lost", () => {
  test("in the zone of its times", async () => {
    const { code, stderr } = await exportFrom("2026-11-17", "2026-11-18");
    expect(code).toBe(4);
    expect(stderr).toMatch(
      /^Nothing is lost until 2026-11-27T00:00 in Europe\/Berlin, when the oldest of these events leave/m,
    );
  });

  test("or that it is by now", async () => {
    const { code, stderr } = await exportFrom("10d", "now");
    expect(code).toBe(4);
    expect(stderr).toMatch(/^The oldest of these events are leaving SparkPost by now/m);
    expect(stderr).not.toContain("Nothing is lost");
  });

  test("and programs read it as well", async () => {
    const { stderr } = await exportFrom("2026-11-17", "2026-11-18", "--log-format", "json", "-q");
    expect(JSON.parse(stderr)).toMatchObject({
      exitCode: 4,
      hint: expect.stringContaining("Nothing is lost until 2026-11-27T00:00 in Europe/Berlin"),
    });
  });

  test("but not where it did answer, and something else is wrong", async () => {
    const { origin } = await startScriptedServer([json(401, {})]);
    const cwd = await newFolder();
    const { code, stderr } = await runCommand(["yesterday", "--host", origin], { cwd, env });
    expect(code).toBe(3);
    expect(stderr).not.toContain("is lost");
  });
});

describe("sync says so of the oldest day that it lacks", () => {
  /** An account without events, whose server can be switched off. */
  async function start() {
    const state = { down: false };
    const { origin } = await startScriptedServer([
      (request, response) => (state.down ? json(503, {}) : page([]))(request, response),
    ]);
    const cwd = await newFolder();
    const sync = (clock: string, ...options: string[]) =>
      runCommand(["sync", "--host", origin, "--quiet", "-z", "Europe/Berlin", ...options], {
        cwd,
        env: { ...env, CLOCK: clock },
        launcher: "dated",
      });
    return { state, sync };
  }

  test("of a new archive", async () => {
    const { state, sync } = await start();
    state.down = true;
    const { code, stderr } = await sync(now);
    expect(code).toBe(4);
    // Of the tenth of November, the first half has left SparkPost.
    expect(stderr).toContain(" Nothing is lost until 2026-11-21T00:00 in Europe/Berlin,");
  });

  test("of one that was complete a few days ago, and of one that is complete", async () => {
    const { state, sync } = await start();
    expect(await sync(now)).toMatchObject({ code: 0, stderr: "" });
    state.down = true;
    const today = await sync(now);
    expect(today.code).toBe(4);
    expect(today.stderr).toContain(" Nothing is lost until 2026-11-30T00:00 in Europe/Berlin,");
    const later = await sync("2026-11-23T12:00:00Z", "--log-format", "json");
    expect(later.code).toBe(4);
    expect(JSON.parse(later.stderr)).toMatchObject({
      hint: expect.stringContaining("Nothing is lost until 2026-11-30T00:00 in Europe/Berlin,"),
    });
  });

  test("of one that begins to lose a day", async () => {
    const { state, sync } = await start();
    expect((await sync(now, "--days", "9")).code).toBe(0);
    state.down = true;
    const { stderr } = await sync("2026-11-30T12:00:00Z");
    expect(stderr).toContain(" The oldest of these events are leaving SparkPost by now:");
  });
});
