import { rename, rm, stat, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test, vi } from "vitest";
import { ArchiveFixture, eventsFrom } from "../support/archive.js";

/** An archive of the 18th and the 19th, with an event every hour. */
async function twoDays(...args: string[]) {
  const archive = await ArchiveFixture.start(
    "2026-11-20T01:15:00Z",
    eventsFrom("2026-11-01T00:30:00Z", "2026-11-30T00:00:00Z"),
  );
  expect((await archive.sync("--days", "2", ...args)).code).toBe(0);
  return archive;
}

async function states(archive: ArchiveFixture, ...args: string[]) {
  const { code, stdout } = await archive.status("--format", "json", ...args);
  const { generations, leaving, sound } = JSON.parse(stdout);
  const periods: { name: string; state: string; lost: boolean }[][] = generations.map(
    ({ periods }: { periods: { name: string; state: string; lost: boolean }[] }) => periods,
  );
  const last = Object.fromEntries((periods.at(-1) ?? []).map(({ name, state }) => [name, state]));
  return { code, sound, leaving, last, periods };
}

test("shows what is there, without a key and without asking anybody", async () => {
  const archive = await twoDays();
  const { size } = await stat(join(archive.folder, "2026-11-18.csv"));
  expect(await archive.status()).toMatchObject({
    code: 0,
    stderr: "",
    stdout: [
      "sparkpost-events, days in UTC, a file per day",
      "                          rows       size",
      `2026-11-18 Wed  complete    24  ${size} bytes  ████████████████████`,
      `2026-11-19 Thu  complete    24  ${size} bytes  ████████████████████`,
      `48 events, ${((2 * size) / 1000).toFixed(1)} kB`,
      "",
    ].join("\n"),
  });
});

test("tells what is missing, and when the oldest of it will be lost", async () => {
  const archive = await twoDays();
  archive.now = "2026-11-22T01:00:00Z";
  const { code, stdout, stderr } = await archive.status();
  expect(code).toBe(4);
  expect(stdout).toMatch(/^2026-11-20 Fri {2}missing\n2026-11-21 Sat {2}missing\n/m);
  expect(stdout).toMatch(/^2026-11-20 leaves SparkPost in 7 d 23 h\.$/m);
  expect(stderr).toMatch(
    /^error: sparkpost-events: 2 files missing\.\nsparky-events sync mends that\.$/m,
  );

  archive.now = "2026-11-30T06:00:00Z";
  const later = await archive.status();
  expect(later.code).toBe(6);
  expect(later.stdout).toMatch(/^2026-11-20 is leaving SparkPost; the last of it goes in 18 h/m);
  expect(later.stderr).toMatch(
    /^error: sparkpost-events: 9 files missing, 1 file missing and in part lost for good\.$/m,
  );
  expect((await archive.sync("-q")).code).toBe(6);
  const mended = await states(archive);
  expect(mended).toMatchObject({ code: 6, sound: false, leaving: null });
  expect(mended.last).toMatchObject({ "2026-11-20": "gap", "2026-11-21": "complete" });
});

test("calls nothing lost that an interrupted first run has not come to", async () => {
  const archive = await ArchiveFixture.start(
    "2026-11-20T01:15:00Z",
    eventsFrom("2026-11-01T00:30:00Z", "2026-11-30T00:00:00Z"),
    100,
  );
  const run = archive.start(archive.args(["--concurrency", "1"]));
  await vi.waitFor(async () => expect(await archive.files()).toContain("2026-11-12.csv"), {
    timeout: 30_000,
    interval: 10,
  });
  run.process.kill("SIGKILL");
  await run.finished;
  const { code, sound, last, periods } = await states(archive);
  expect({ code, sound, last }).toMatchObject({
    code: 4,
    sound: false,
    last: { "2026-11-11": "complete", "2026-11-19": "missing" },
  });
  expect(periods.flat().map(({ lost }) => lost)).not.toContain(true);
  expect((await archive.sync("-q")).code).toBe(0);
  expect((await archive.status()).code).toBe(0);
});

test("has gaps until they are accepted", async () => {
  const archive = await twoDays();
  archive.now = "2026-12-05T01:15:00Z";
  expect((await archive.sync("-q")).code).toBe(6);
  const { code, stderr } = await archive.status();
  expect(code).toBe(6);
  expect(stderr).toMatch(/6 files lost for good\.\n.*; with --accept-gaps it reports what is lost/);
  expect((await archive.sync("-q", "--accept-gaps")).code).toBe(0);
  const accepted = await archive.status();
  expect(accepted).toMatchObject({ code: 0, stderr: "" });
  expect(accepted.stdout).toMatch(/^2026-11-20 Fri {2}accepted$/m);
});

test("shows the day that is not over as partial, and takes no offence", async () => {
  const archive = await twoDays("--include-today");
  const { code, sound, last } = await states(archive);
  expect({ code, sound }).toEqual({ code: 0, sound: true });
  expect(last).toEqual({
    "2026-11-18": "complete",
    "2026-11-19": "complete",
    "2026-11-20": "partial",
  });
  archive.now = "2026-11-22T01:15:00Z";
  expect(await states(archive)).toMatchObject({
    code: 4,
    sound: false,
    last: { "2026-11-20": "partial", "2026-11-21": "missing" },
  });
});

describe("a file that is not the one that was written", () => {
  test("is found by its size", async () => {
    const archive = await twoDays();
    await truncate(join(archive.folder, "2026-11-18.csv"), 100);
    const { code, stdout, stderr } = await archive.status();
    expect(code).toBe(5);
    expect(stdout).toMatch(/^2026-11-18 Wed {2}changed /m);
    expect(stderr).toMatch(/^error: sparkpost-events: 1 file changed\.$/m);
  });

  test("is found by its content with --verify", async () => {
    const archive = await twoDays();
    const csv = await archive.read("2026-11-18.csv");
    await writeFile(join(archive.folder, "2026-11-18.csv"), csv.replace("T05:", "T06:"));
    expect((await archive.status()).code).toBe(0);
    expect(await states(archive, "--verify")).toMatchObject({
      code: 5,
      last: { "2026-11-18": "changed", "2026-11-19": "complete" },
    });
  });

  test("is missing when it is gone", async () => {
    const archive = await twoDays();
    await rm(join(archive.folder, "2026-11-18.csv"));
    expect(await states(archive)).toMatchObject({ code: 4, last: { "2026-11-18": "missing" } });
  });
});

describe("a manifest that is lost", () => {
  test("is reported, and its copy is shown", async () => {
    const archive = await twoDays();
    await rm(join(archive.folder, "manifest.json"));
    const { code, stdout, stderr } = await archive.status();
    expect(code).toBe(5);
    expect(stdout).toMatch(/^The manifest is lost; this is its copy\.$/m);
    expect(stdout).toMatch(/^48 events/m);
    expect(stderr).toMatch(/the manifest of sparkpost-events is lost/);
  });

  test("with its copy is an error that says what makes it again", async () => {
    const archive = await twoDays();
    await rm(join(archive.folder, "manifest.json"));
    await rm(join(archive.folder, ".sync"), { recursive: true });
    const { code, stdout, stderr } = await archive.status();
    expect({ code, stdout }).toEqual({ code: 5, stdout: "" });
    expect(stderr).toMatch(/is lost\.\nsparky-events sync makes it again from the files\.$/m);
  });
});

test("says what mends another folder than the usual one", async () => {
  const archive = await twoDays();
  await rename(archive.folder, join(archive.folder, "..", "it's mail"));
  await rm(join(archive.folder, "..", "it's mail", "2026-11-19.csv"));
  const { code, stderr } = await archive.status("it's mail");
  expect(code).toBe(4);
  expect(stderr).toMatch(/^sparky-events sync 'it'"'"'s mail' mends that\.$/m);
});

test("where there is no archive says how one is made", async () => {
  const archive = await ArchiveFixture.start("2026-11-20T01:15:00Z", []);
  const { code, stderr } = await archive.status();
  expect(code).toBe(2);
  expect(stderr).toMatch(/There is no archive in sparkpost-events\.\nsparky-events sync DIR makes/);
});

describe("an archive of several generations", () => {
  /** The 18th in the first generation, the 19th and the 20th in the second, which has other columns. */
  async function twoGenerations() {
    const archive = await twoDays();
    archive.now = "2026-11-21T01:15:00Z";
    const args = ["--days", "1", "-p", "event_id", "--new-schema"];
    expect((await archive.sync(...args)).code).toBe(0);
    return archive;
  }

  test("is shown generation by generation", async () => {
    const archive = await twoGenerations();
    const { code, stdout } = await archive.status();
    expect(code).toBe(0);
    expect(stdout.match(/^.*(days in|Nov|2026-11-\d\d|events,).*$/gm)).toEqual([
      "sparkpost-events, days in UTC, a file per day",
      expect.stringMatching(/^2026-11-18 Wed {2}complete/),
      expect.stringMatching(/^2026-11-19 Thu {2}complete/),
      expect.stringMatching(/^48 events, /),
      "sparkpost-events/2, days in UTC, a file per day",
      expect.stringMatching(/^2026-11-20 Fri {2}complete/),
      expect.stringMatching(/^24 events, /),
    ]);
  });

  test("has what an earlier one lacks too, in every run", async () => {
    const archive = await twoGenerations();
    await truncate(join(archive.folder, "2026-11-18.csv"), 100);
    expect((await archive.status()).code).toBe(5);
    archive.now = "2026-11-29T01:15:00Z";
    const args = ["-q", "-p", "event_id"];
    const { code, stderr } = await archive.sync(...args);
    expect(code).toBe(6);
    expect(stderr).toMatch(/missing from sparkpost-events(\/2)?: 2026-11-18 \(damaged\)\.$/m);
    expect((await archive.sync(...args, "--accept-gaps")).code).toBe(0);
    expect((await archive.sync(...args)).code).toBe(0);
    expect((await archive.status()).code).toBe(0);
  });
});
