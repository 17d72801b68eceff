import { appendFile, readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { eventsFrom, withoutTimes } from "../support/archive.js";
import { newFolder, runCommand } from "../support/command.js";
import { startEventServer } from "../support/event-server.js";

const hour = 36e5;
const now = Date.parse("2026-11-20T01:15:00Z");

/** A host of somebody's own, which lets go of nothing, and an archive of its events. */
async function startHost() {
  const events = eventsFrom("2026-09-01T00:30:00Z", "2026-11-21T00:00:00Z", 360);
  const { origin, requests } = await startEventServer({ events });
  const cwd = await newFolder();
  const run = (args: readonly string[], at = now) =>
    runCommand(args, {
      cwd,
      env: { SPARKPOST_API_KEY: "any", CLOCK: new Date(at).toISOString() },
      launcher: "dated",
    });
  const sync = (args: readonly string[], at?: number) =>
    run(["sync", "a", "--host", origin, "-p", "event_id", ...args], at);
  const days = async () =>
    (await readdir(join(cwd, "a"))).filter((name) => name.endsWith(".csv")).sort();
  return { requests, folder: join(cwd, "a"), run, sync, days };
}

test.each(["400d", "unlimited"])(
  "sync with --retention %s has what is missing for as long as that",
  async (retention) => {
    const host = await startHost();
    const first = await host.sync(["--retention", retention]);
    expect({ code: first.code, days: await host.days() }).toEqual({
      code: 0,
      days: expect.arrayContaining(["2026-11-10.csv", "2026-11-19.csv"]),
    });
    const { code, stderr } = await host.sync(["--retention", retention, "--days", "40"]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: expect.not.stringContaining("Missing") });
    const days = await host.days();
    expect([days.length, days[0]]).toEqual([40, "2026-10-11.csv"]);

    await rm(join(host.folder, "2026-10-15.csv"));
    await appendFile(join(host.folder, "2026-10-20.csv"), "more\n");
    const damaged = await host.run(["status", "a", "--retention", retention]);
    expect(damaged.stdout).toMatch(/^2026-10-15 Thu +missing/m);
    if (retention === "unlimited") {
      expect(damaged.stdout).not.toContain("SparkPost");
    } else {
      // 400 days after it began; today is its 36th day.
      expect(damaged.stdout).toMatch(/^2026-10-15 leaves SparkPost in 363 d 23 h\.$/m);
    }

    host.requests.length = 0;
    const mended = await host.sync(["--retention", retention], now + hour);
    expect(mended.code).toBe(0);
    expect(await host.days()).toEqual(days);
    // Whatever there is, only ten days are counted again.
    const counted = host.requests.filter((request) => /per_page=1(&|$)/.test(request));
    expect(counted.length).toBeLessThan(14);
    expect((await host.run(["status", "a", "--verify", "--retention", retention])).code).toBe(0);
  },
);

test("without it, what is older than 10 days is lost", async () => {
  const host = await startHost();
  await host.sync(["--retention", "400d", "--days", "40"]);
  await rm(join(host.folder, "2026-10-15.csv"));
  expect((await host.run(["status", "a"])).stdout).toMatch(/^2026-10-15 Thu +gap/m);
  expect((await host.sync([])).code).toBe(6);
});

test.each([
  [["--days", "11"], "1 to 10.\nSparkPost keeps 10 days. Leave it out for 10."],
  [["--days", "11", "--retention", "3d"], "1 to 3.\nSparkPost keeps 3 days. Leave it out for 3."],
  [
    ["--days", "401", "--retention", "400d"],
    "1 to 400.\nSparkPost keeps 400 days. Leave it out for 10.",
  ],
  [["--days", "0", "--retention", "unlimited"], "1 to 36500.\nLeave it out for 10."],
])("%j is refused", async (args, message) => {
  const host = await startHost();
  expect(withoutTimes(await host.sync(args))).toMatchObject({
    code: 2,
    stderr: `error: --days: "${args[1]}" is not a number from ${message}\n`,
  });
});
