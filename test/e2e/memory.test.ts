import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { newFolder, runCommand, startCommand } from "../support/command.js";
import { times } from "../support/random-numbers.js";

const env = { SPARKPOST_API_KEY: "0123456789abcdef0123456789abcdef01234567" };
const megabyte = 1_000_000;
const count = times(120_000, 1_000_000);

test("memory does not grow with the size of the export", async () => {
  const cwd = await newFolder();
  const sandbox = startCommand(["sandbox", "--port", "0", "--events", `${count}`], { cwd });
  const greeting = await new Promise<string>((resolve) => {
    sandbox.process.stdout?.once("data", resolve);
  });
  const [origin = ""] = /http:\/\/127\.0\.0\.1:\d+/.exec(greeting) ?? [];
  const peakOf = async (from: string, concurrency: number, out = "a.csv") => {
    const { code, stderr } = await runCommand(
      [from, "now", "--host", origin, "-o", out, "--force", "--concurrency", `${concurrency}`],
      { cwd, env: { ...env, PEAK_MEMORY_FILE: join(cwd, "peak") }, launcher: "fast" },
    );
    expect({ code, stderr }).toMatchObject({ code: 0 });
    const events = Number(/✔ ([\d,]+) events/.exec(stderr)?.[1]?.replaceAll(",", ""));
    return { events, peak: Number(await readFile(join(cwd, "peak"), "utf8")) };
  };
  for (const concurrency of [1, 4]) {
    const part = await peakOf("3d", concurrency);
    const all = await peakOf("10d", concurrency);
    expect(part.events).toBeGreaterThan(0.15 * count);
    expect(all.events).toBeGreaterThan(0.99 * count);
    expect(all.peak - part.peak).toBeLessThan(30 * megabyte);
    expect(all.peak).toBeLessThan(220 * megabyte);
  }
  const workbook = await peakOf("10d", 4, "a.xlsx");
  expect(workbook.events).toBeGreaterThan(0.99 * count);
  expect(workbook.peak).toBeLessThan(300 * megabyte);
  sandbox.process.kill("SIGTERM");
}, 300_000);
