import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { newFolder, runCommand, startCommand } from "../support/command.js";
import { type Account, startEventServer } from "../support/event-server.js";
import { hasTerminal, startOnTerminal } from "../support/terminal.js";

const env = { SPARKPOST_API_KEY: "0123456789abcdef0123456789abcdef01234567" };
const day = new Date(Date.now() - 24 * 3_600_000).toISOString().slice(0, 10);
const noon = Date.parse(`${day}T12:00:00Z`);
const events = Array.from({ length: 3_000 }, (_, index) => ({
  timestamp: new Date(noon - index * 1_000).toISOString(),
  event_id: `${index}`,
}));

/** An export of 60 pages that was interrupted after 40, the rest of which takes a while. */
async function interrupted(delay: number) {
  const cwd = await newFolder();
  let stop = () => {};
  const account: Account = {
    events,
    // SparkPost is quick, and falls silent.
    onPage: (page) => (page <= 40 ? undefined : new Promise<void>(() => stop())),
  };
  const { origin } = await startEventServer(account);
  const args = [day, "--host", origin, "-p", "event_id", "--per-page", "50", "--concurrency", "1"];
  const run = startCommand([...args, "-o", "a.csv"], { cwd, env });
  await new Promise<void>((resolve) => {
    stop = resolve;
  });
  run.process.kill("SIGTERM");
  expect(await run.finished).toMatchObject({ code: 143 });
  account.onPage = () => new Promise((resolve) => setTimeout(resolve, delay));
  return { cwd, args: [...args, "-o", "a.csv", "--resume"] };
}

/** Each number of events per second that was shown. */
function ratesIn(text: string): number[] {
  return [...text.matchAll(/([\d,]+)\/s/g)].map(([, rate = ""]) =>
    Number(rate.replaceAll(",", "")),
  );
}

/** Each number of seconds that were said to be left. */
function timesLeftIn(text: string): number[] {
  return [...text.matchAll(/([\d.]+) s left/g)].map(([, seconds]) => Number(seconds));
}

describe("after --resume, the rate is that of this run", () => {
  test.skipIf(!hasTerminal)(
    "on a terminal",
    async () => {
      const { cwd, args } = await interrupted(250);
      const terminal = startOnTerminal(args, { cwd, env });
      const { code, screen } = await terminal.finished;
      expect(code).toBe(0);
      // The server gives out 50 events in 250 ms at the most: 200 a second.
      expect(ratesIn(screen).length).toBeGreaterThan(1);
      expect(Math.max(...ratesIn(screen))).toBeLessThanOrEqual(260);
      const [first = 0] = timesLeftIn(screen);
      expect(first).toBeGreaterThan(1);
      expect(screen).toContain("2,000 of them had arrived before this run");
    },
    30_000,
  );

  test("in a log", async () => {
    const { cwd, args } = await interrupted(30);
    // 30 ms are three seconds to it.
    const { code, stderr } = await runCommand([...args, "--verbose"], {
      cwd,
      env,
      launcher: "fast",
    });
    expect(code, stderr).toBe(0);
    const lines = stderr.split("\n").filter((line) => / of 3,000 events \(\d+%\)/.test(line));
    // What had arrived before is told of too, and is no ground for a rate.
    expect(lines[0]).toMatch(/ of 3,000 events \(\d+%\)$/);
    expect(ratesIn(lines.join("\n")).length).toBeGreaterThan(10);
    expect(Math.max(...ratesIn(lines.join("\n")))).toBeLessThanOrEqual(26);
    expect(lines.at(-1)).toMatch(/^3,000 of 3,000 events \(100%\), \d+\/s$/);
    expect(stderr).toMatch(/requests, .*\b\d+ events\/s\n {2}2,000 of them had arrived before/);
    const text = await readFile(join(cwd, "a.csv"), "utf8");
    expect(text.split("\n")).toHaveLength(3_002);
  });
});
