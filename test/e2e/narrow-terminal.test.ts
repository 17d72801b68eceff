import { readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { newFolder, runCommand } from "../support/command.js";
import { sample, seed } from "../support/random-numbers.js";
import { startTestSandbox } from "../support/sandbox.js";
import { hasTerminal, startOnTerminal } from "../support/terminal.js";

const env = { SPARKPOST_API_KEY: "0123456789abcdef0123456789abcdef01234567", NO_COLOR: "1" };
const escapes = new RegExp(`${String.fromCharCode(27)}\\[[?\\d]*[A-Za-z]|\r`);
const widths = sample([40, 60, 80, 200], 1);

/** What was shown, in lines. */
async function linesOn(columns: number, args: readonly string[], cwd: string): Promise<string[]> {
  const { screen } = await startOnTerminal(args, { cwd, columns, env }).finished;
  return screen.split("\r\n").map((line) => line.trimEnd());
}

const words = (text: string) => text.split(/\s+/).filter((word) => /[^█]/.test(word));

describe.skipIf(!hasTerminal)(`on a terminal (SEED=${seed})`, () => {
  test("status has room for what matters at any width", async () => {
    const { origin } = await startTestSandbox(6_000);
    const cwd = await newFolder();
    const { code, stderr } = await runCommand(
      ["sync", "--host", origin, "--by", "hour", "--days", "3"],
      { cwd, env },
    );
    expect(code, stderr).toBe(0);
    const files = (await readdir(join(cwd, "sparkpost-events"))).filter((name) =>
      name.endsWith(".csv"),
    );
    await rm(join(cwd, "sparkpost-events", files.sort()[30] ?? ""));
    const { stdout, stderr: problem } = await runCommand(["status"], { cwd, env });
    expect(stdout).toContain("23 of 24 complete");
    for (const columns of widths) {
      const lines = await linesOn(columns, ["status"], cwd);
      expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(columns);
      const shown = words(lines.join("\n"));
      const whole = words(stdout + problem);
      expect(shown.filter((word) => !whole.includes(word))).toEqual([]);
      expect(lines.join("\n")).toContain("23 of 24 complete");
      for (const row of stdout.matchAll(/^\d{4}-\d\d-\d\d \w+ +\w+ +[\d,]+/gm)) {
        expect(lines.some((line) => line.startsWith(row[0]))).toBe(true);
      }
    }
  });

  test.each([
    [["--dry-run"], "20"],
    [["--out", "a.csv"], "✔"],
    [["--out", "a.csv", "--verbose"], "GET"],
  ])("an export with %j breaks no words", async (more, beginning) => {
    const { origin } = await startTestSandbox(2000);
    const args = ["yesterday", "--host", origin, ...more];
    const { stdout, stderr } = await runCommand(args, { cwd: await newFolder(), env });
    // Two runs take different times.
    const steady = (text: string) => words(text).filter((word) => !/\d|^m?s,?$/.test(word));
    const whole = steady(stdout + stderr);
    for (const columns of widths) {
      const screen = (await linesOn(columns, args, await newFolder())).join("\n");
      // Behind the bar, which draws over itself.
      const text = screen.slice(screen.indexOf(beginning));
      expect(steady(text).filter((word) => !whole.includes(word))).toEqual([]);
      // A path that is requested stays whole.
      const breakable = text.split("\n").filter((line) => line.includes(" "));
      expect(breakable.length).toBeGreaterThan(0);
      expect(Math.max(...breakable.map((line) => line.length))).toBeLessThanOrEqual(columns);
    }
  });

  test("count breaks no words", async () => {
    const { origin } = await startTestSandbox(2000);
    for (const columns of widths) {
      const lines = await linesOn(
        columns,
        ["count", "10d", "now", "--host", origin],
        await newFolder(),
      );
      expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(columns);
      expect(lines.join("\n")).toMatch(/Z\sto\s\d{4}-\S+Z\s\(end\sexcluded\)\s+type/);
    }
  });

  test.each(sample([40, 60, 80], 1))("the bar of %i columns has the time left", async (columns) => {
    const { origin } = await startTestSandbox(3000, { latency: 500 });
    const terminal = startOnTerminal(
      ["yesterday", "--host", origin, "--per-page", "20", "--concurrency", "1"],
      { cwd: await newFolder(), columns, env },
    );
    const { code, screen } = await terminal.finished;
    expect(code).toBe(0);
    // The terminal cuts what is longer, so only what is within its width was seen.
    const drawn = screen.split(escapes).filter((text) => text.includes("% · "));
    expect(drawn.length).toBeGreaterThan(2);
    expect(Math.max(...drawn.map((text) => text.length))).toBeLessThanOrEqual(columns);
    expect(drawn.filter((text) => text.endsWith(" left")).length).toBeGreaterThan(2);
  });
});
