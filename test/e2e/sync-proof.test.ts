import { createHash } from "node:crypto";
import { appendFile, readFile, rm, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { DateTime } from "luxon";
import { describe, expect, test } from "vitest";
import { mix } from "../../src/sandbox/mix.js";
import {
  type CommandResult,
  newFolder,
  runCommand,
  startCommand,
  startStoppable,
} from "../support/command.js";
import { seed as drawn, sample } from "../support/random-numbers.js";
import {
  type Range,
  rangeOf,
  retention,
  SimulatedAccount,
  type SimulatedEvent,
} from "../support/simulated-account.js";
import {
  dayOf,
  eventFilesIn,
  gapsOf,
  logOf,
  readArchive,
  syncArguments,
} from "../support/sync-runs.js";

const minute = 60_000;
const hour = 60 * minute;
const settle = 15 * minute;
const nights = 30;
/** Some arrive when their day is about to leave SparkPost, and some never. */
const lateness = { share: 0.1, longest: retention + 24 * hour };
/** Exit code of a run that finds another one at work. */
const busy = 75;

type Trouble =
  | "none"
  /** The machine is off: nothing runs. */
  | "asleep"
  | "outage"
  | "kill -9"
  | "disk full"
  | "lost manifest"
  | "lost file"
  | "damaged file"
  | "two at once";

interface Night {
  /** When cron starts the run, in milliseconds since 1970. */
  readonly at: number;
  readonly trouble: Trouble;
  /** Decides the details. */
  readonly random: (choices: number) => number;
}

/** What became of a night, for the reckoning. */
interface Attempt {
  readonly at: number;
  /** Whether there was a run, and SparkPost answered it. */
  readonly reached: boolean;
  /** Whether a run came to its end. */
  readonly finished: boolean;
}

const archives = [
  { seed: 1, zone: "Europe/Berlin", firstNight: "2025-10-12", options: [] },
  { seed: 2, zone: "America/New_York", firstNight: "2025-10-24", options: ["--gzip"] },
  { seed: 3, zone: "Europe/Berlin", firstNight: "2025-10-20", options: ["--layout", "hive"] },
];

describe(`30 nights of trouble leave no hole that could be avoided (SEED=${drawn})`, () => {
  test.each(sample(archives, 1))("seed $seed, $zone from $firstNight $options", async (archive) => {
    const { seed, zone, firstNight, options } = archive;
    const start = DateTime.fromISO(firstNight, { zone });
    const account = await SimulatedAccount.start({
      seed,
      start: start.minus({ days: 12 }).startOf("day").toMillis(),
      days: 50,
      eventsPerDay: 200,
      lateness,
    });
    const cwd = await newFolder();
    const args = [...syncArguments("archive", account), ...options];
    args.push("--timezone", zone, "--per-page", "40");
    const run: Run = { account, cwd, args, folder: join(cwd, "archive") };
    const attempts: Attempt[] = [];
    const spanUntil = (at: number) => daysBetween((attempts[0]?.at ?? at) - retention, at, zone);

    for (const night of planNights(start, seed)) {
      account.now = night.at;
      const results = await spend(night, run);
      const note = `seed ${seed}, ${new Date(night.at).toISOString()}, ${night.trouble}: ${describeResults(results)}`;
      const finished = results.filter((one) => [0, 6].includes(one.code ?? 1) || cameTooLate(one));
      attempts.push({
        at: night.at,
        reached: !["asleep", "outage"].includes(night.trouble),
        finished: finished.length > 0,
      });
      expectOutcome(night.trouble, results, note);
      for (const result of finished) {
        const gaps = unavoidableGaps(spanUntil(night.at), attempts, "finished");
        expect(gapsOf(result), note).toEqual(gaps);
        expect(result.code, note).toBe(cameTooLate(result) ? 5 : gaps.length > 0 ? 6 : 0);
      }
    }

    const days = spanUntil(account.now).filter(({ range }) => isDue(range, account.now));
    const gaps = unavoidableGaps(days, attempts, "finished");
    // What was interrupted was made up for in time, so that only outages have left gaps.
    expect(gaps, `seed ${seed}`).toEqual(unavoidableGaps(days, attempts, "reached"));
    expect(gaps.length, `seed ${seed}`).toBeGreaterThan(0);

    const found = await readArchive(run.folder);
    const everything = [...found.values()].flat();
    expect(new Set(everything).size, `seed ${seed}`).toBe(everything.length);
    for (const { date, range } of days) {
      const ids = found.get(date) ?? [];
      const note = `seed ${seed}, ${date}`;
      if (gaps.includes(date)) {
        // What was still to be had of it may be there.
        const { unknown } = differences(ids, sortedIds(account.eventsIn(range)));
        expect(unknown, note).toEqual([]);
      } else {
        const truths = lastAttempts(range, attempts).map(({ at }) =>
          sortedIds(account.eventsAt(range, at)),
        );
        const truth = truths.find(({ length }) => length === ids.length) ?? truths[0] ?? [];
        expect(differences(ids, truth), note).toEqual({ missing: [], unknown: [] });
      }
      found.delete(date);
    }
    expect([...found.keys()], `seed ${seed}`).toEqual([]);
    await expectFittingManifest(run.folder);
  });
});

interface Run {
  readonly account: SimulatedAccount;
  readonly cwd: string;
  readonly args: readonly string[];
  /** Of the archive. */
  readonly folder: string;
}

/**
 * A month with an outage that is longer than SparkPost keeps events. Before, after, and every third
 * night nothing happens, so that no other trouble can last until something is lost.
 */
function planNights(start: DateTime, seed: number): Night[] {
  const random = sequence(seed);
  const outageStart = 8 + random(6);
  const outageEnd = outageStart + 11 + random(3);
  const troubles: Trouble[] = ["asleep", "outage", "kill -9", "disk full", "two at once"];
  const harm: Trouble[] = ["lost manifest", "lost file", "damaged file"];
  return Array.from({ length: nights }, (_, night) => {
    const time = start.plus({ days: night }).set({ minute: 5 + random(300) });
    const isOutage = night >= outageStart && night < outageEnd;
    // What is harmed a few days before SparkPost loses it cannot be mended during the outage.
    const canMend = night < outageStart - 5 || night > outageEnd;
    const isCalm = night % 3 === 0 || night === outageStart - 1 || night === outageEnd;
    const choices = canMend ? [...troubles, ...harm] : troubles;
    const drawn = choices[random(choices.length)] ?? "none";
    const outage = random(3) === 0 ? "asleep" : "outage";
    const trouble = isOutage ? outage : isCalm || night === nights - 1 ? "none" : drawn;
    return { at: time.toMillis(), trouble, random: sequence(mix(seed, night)) };
  });
}

/** The same whole numbers from 0 on, below a limit, for the same seed. */
function sequence(seed: number): (limit: number) => number {
  let drawn = 0;
  return (limit) => mix(seed, drawn++) % limit;
}

/** Lets a night's run, or runs, meet its trouble. */
async function spend(night: Night, run: Run): Promise<CommandResult[]> {
  const { account } = run;
  account.failRate = night.trouble === "outage" ? 1 : 0.02;
  switch (night.trouble) {
    case "asleep":
      return [];
    case "kill -9":
      return [await startAndKill(run, night.random)];
    case "disk full":
      return [await finish(run, { largestFile: night.random(30) })];
    case "two at once":
      return Promise.all([start(run).finished, start(run).finished]);
    case "lost manifest":
      await rm(join(run.folder, "manifest.json"));
      break;
    case "lost file":
    case "damaged file":
      await harmFile(night, run);
      break;
  }
  return [await finish(run)];
}

function start({ account, cwd, args }: Run) {
  return startCommand(args, { cwd, env: account.env, launcher: "dated" });
}

function finish({ account, cwd, args }: Run, disk: { largestFile?: number } = {}) {
  return runCommand(args, { cwd, env: account.env, launcher: "dated", ...disk });
}

/** Kills the run soon after one of its requests, where it makes so many. */
async function startAndKill(run: Run, random: Night["random"]): Promise<CommandResult> {
  const { account, cwd, args } = run;
  const command = startStoppable(args, { cwd, env: account.env, launcher: "dated" });
  let requests = random(30);
  const delay = random(30);
  run.account.onRequest = () => {
    if (requests-- === 0) {
      setTimeout(() => command.kill("SIGKILL"), delay);
    }
  };
  const result = await command.finished;
  run.account.onRequest = () => {};
  return result;
}

/** Harms one of the files that SparkPost still has the events of. */
async function harmFile({ at, trouble, random }: Night, { folder }: Run): Promise<void> {
  const oldest = new Date(at - 5 * 24 * hour).toISOString().slice(0, 10);
  const files = (await eventFilesIn(folder)).filter((path) => dayOf(path) >= oldest);
  const path = join(folder, files[random(files.length)] ?? "");
  const bytes = await readFile(path);
  const place = random(bytes.length);
  if (trouble === "lost file") {
    return rm(path);
  }
  switch (random(3)) {
    case 0:
      return truncate(path, place);
    case 1:
      return appendFile(path, bytes.subarray(place));
    default:
      bytes[place] = bytes[place] === 0x31 ? 0x32 : 0x31;
      return writeFile(path, bytes);
  }
}

function expectOutcome(trouble: Trouble, results: readonly CommandResult[], note: string): void {
  const [first, second] = results.map(({ code }) => code);
  const late = results.some(cameTooLate) ? [5] : [];
  switch (trouble) {
    case "asleep":
      return;
    case "outage":
      expect(first, note).toBe(4);
      return;
    case "kill -9":
      expect([0, 6, null, ...late], note).toContain(first);
      return;
    case "disk full":
      expect([0, 1, 6, ...late], note).toContain(first);
      return;
    case "two at once":
      // The second one finds it busy, or comes when the first one is done.
      expect([0, 6, busy, ...late], note).toContain(first);
      expect([0, 6, busy, ...late], note).toContain(second);
      expect([first, second], note).not.toEqual([busy, busy]);
      return;
    default:
      expect([0, 6, ...late], note).toContain(first);
  }
  const warnings = results.flatMap(logOf).filter(({ level }) => level === "warning");
  const events = warnings.map(({ event }) => event);
  if (trouble === "lost manifest") {
    expect(events, note).toContain("manifest-repaired");
  } else if (trouble === "damaged file") {
    expect(events, note).toContain("damaged");
  }
}

/** Whether a run found that events came in late for a day that has begun to leave SparkPost. */
function cameTooLate(result: CommandResult): boolean {
  return (
    result.code === 5 &&
    logOf(result).every(
      ({ level, event, message }) =>
        level !== "error" || event === "failed" || / came in late, /.test(String(message)),
    )
  );
}

interface Day {
  readonly date: string;
  readonly range: Range;
}

/** The days that begin between two times, oldest first. */
function daysBetween(from: number, to: number, zone: string): Day[] {
  const days: Day[] = [];
  for (
    let day = DateTime.fromMillis(from, { zone }).startOf("day");
    day.toMillis() < to;
    day = day.plus({ days: 1 })
  ) {
    const date = day.toISODate() ?? "";
    days.push({ date, range: rangeOf(date, zone) });
  }
  return days.filter(({ range }) => range.from >= from);
}

function isDue({ to }: Range, at: number): boolean {
  return to + settle <= at;
}

/** Whether a run at that time can get all of a day. */
function canGet(range: Range, at: number): boolean {
  return isDue(range, at) && range.from >= at - retention;
}

/** Days that have begun to leave SparkPost, and that no attempt of the kind came in time for. */
function unavoidableGaps(
  days: readonly Day[],
  attempts: readonly Attempt[],
  kind: "reached" | "finished",
): string[] {
  const now = attempts.at(-1)?.at ?? 0;
  return days
    .filter(({ range }) => range.from < now - retention)
    .filter(({ range }) => !attempts.some((made) => made[kind] && canGet(range, made.at)))
    .map(({ date }) => date);
}

/** The last one that finished while SparkPost had the whole day, and those interrupted since. */
function lastAttempts(range: Range, attempts: readonly Attempt[]): Attempt[] {
  const inTime = attempts.filter(({ at, reached }) => reached && canGet(range, at));
  return inTime.slice(inTime.findLastIndex(({ finished }) => finished));
}

function sortedIds(events: readonly SimulatedEvent[]): string[] {
  return events.map(({ id }) => id).sort();
}

function differences(found: readonly string[], truth: readonly string[]) {
  return {
    missing: truth.filter((id) => !found.includes(id)),
    unknown: found.filter((id) => !truth.includes(id)),
  };
}

async function expectFittingManifest(folder: string): Promise<void> {
  const { files } = JSON.parse(await readFile(join(folder, "manifest.json"), "utf8"));
  expect(Object.keys(files).sort()).toEqual(await eventFilesIn(folder));
  for (const [path, { bytes, sha256 }] of Object.entries<{ bytes: number; sha256: string }>(
    files,
  )) {
    const content = await readFile(join(folder, path));
    expect([path, content.length, createHash("sha256").update(content).digest("hex")]).toEqual([
      path,
      bytes,
      sha256,
    ]);
  }
}

function describeResults(results: readonly CommandResult[]): string {
  return results.map(({ code, stderr }) => `exit ${code}\n${stderr}`).join("\n");
}
