import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import { checksumOf } from "../../src/checksum.js";
import { startSandbox } from "../../src/sandbox/server.js";
import { type CommandOptions, newFolder, runCommand, startStoppable } from "./command.js";
import type { Disk } from "./disk.js";
import { eventList } from "./event-list.js";
import { randomNumbers } from "./random-numbers.js";
import { SimulatedAccount } from "./simulated-account.js";
import { contentsOf, syncArguments } from "./sync-runs.js";

const hour = 36e5;
const midnight = Date.parse("2026-11-19T00:00:00Z");

/** Every kind of thing that an interrupted run goes on with. */
export const outputs = [
  "a.csv",
  "a.csv.gz",
  "a.xlsx",
  "split",
  "split.gz",
  "merged",
  "sync",
] as const;
export type Output = (typeof outputs)[number];

/** A long run of the command, that is to come to the same in the end however it is disturbed. */
export interface Scene {
  readonly args: readonly string[];
  /** What goes on with an interrupted run, or begins where there is none. */
  readonly resumeArgs: readonly string[];
  readonly options: Omit<CommandOptions, "cwd">;
  /** What is there after an undisturbed run. */
  readonly expected: Readonly<Record<string, unknown>>;
  /** How long that took, in milliseconds. */
  readonly duration: number;
  /** How often it changed the disk, where the disk counts that. */
  readonly changes: number;
  /** A new folder to run in. */
  readonly newFolder: () => Promise<string>;
  /** What of the result is in a folder; undefined where there is not all of it, under its name. */
  readonly found: (cwd: string) => Promise<Readonly<Record<string, unknown>> | undefined>;
}

export interface SceneOptions {
  readonly events: number;
  /** Size of an event, about. */
  readonly size: number;
  readonly perPage: number;
  readonly concurrency: number;
  /** In milliseconds, before each answer. */
  readonly latency: number;
  /** How many files a split export has. Default: 5. */
  readonly files?: number;
  /** The disk of the undisturbed run; default: as it is. */
  readonly disk?: Disk;
}

export function startScene(output: Output, options: SceneOptions): Promise<Scene> {
  return output === "sync" ? startSync(options) : startExport(output, options);
}

/** Runs until the end, or until the disk ends it. */
export function runScene(scene: Unfinished, cwd: string, disk?: Disk) {
  return runCommand(scene.args, onDisk(scene, cwd, disk));
}

export function resumeScene(scene: Scene, cwd: string, disk?: Disk) {
  return runCommand(scene.resumeArgs, onDisk(scene, cwd, disk));
}

/** Starts what a test may kill; where something was killed before, that is gone on with. */
export function startResuming(scene: Scene, cwd: string, disk?: Disk) {
  return startStoppable(scene.resumeArgs, onDisk(scene, cwd, disk));
}

function onDisk({ options }: Unfinished, cwd: string, disk: Disk = {}): CommandOptions {
  return { ...options, ...disk, cwd, env: { ...options.env, ...disk.env } };
}

const recipients = Array.from({ length: 300 }, (_, index) => `recipient.${index}@example.com`);

async function startExport(
  output: Exclude<Output, "sync">,
  { events: count, size, perPage, concurrency, latency, files = 5, disk }: SceneOptions,
): Promise<Scene> {
  const random = randomNumbers(count);
  const text = ["plain text ", 'a "quoted" word, ', "line\n", "é…😀 "];
  // Pages become larger and larger, so that memory has to grow again and again.
  const subjectOf = (index: number) => {
    const words = Array.from({ length: 8 }, () => text[random(text.length)]).join("");
    return words.repeat(1 + random(Math.ceil((4 * size * index) / count / words.length)));
  };
  const events = Array.from({ length: count }, (_, index) => ({
    type: "click",
    event_id: String(index),
    rcpt_to: recipients[random(recipients.length)],
    subject: subjectOf(index),
    timestamp: new Date(midnight + (count - index) * Math.floor(86_000_000 / count)).toISOString(),
  }));
  const sandbox = await startSandbox({
    source: eventList(events),
    latency,
    now: () => midnight + 2 * 24 * hour,
  });
  onTestFinished(() => sandbox.close());
  const ending = output === "a.xlsx" ? "xlsx" : output.endsWith(".gz") ? "csv.gz" : "csv";
  const out = `a.${ending}`;
  const args = ["2026-11-19", "--host", sandbox.origin, "-p", "event_id,rcpt_to,subject"];
  // The range is always the same, so that what a seed came to can be had again.
  args.push("--retention", "unlimited");
  args.push("--per-page", `${perPage}`, "--concurrency", `${concurrency}`, "-o", out);
  if (output.startsWith("split")) {
    args.push("--split-rows", String(Math.ceil(count / files)));
  }
  if (output === "merged") {
    args.push("--recipients", "@recipients.txt");
  }
  const options = { env: { SPARKPOST_API_KEY: "any" } };
  const folderWithList = async () => {
    const cwd = await newFolder();
    await writeFile(join(cwd, "recipients.txt"), recipients.join("\n"));
    return cwd;
  };
  const found = async (cwd: string) => {
    const names = (await readdir(cwd)).filter((name) => /^a(-\d+)?\.(csv(\.gz)?|xlsx)$/.test(name));
    return names.includes(out)
      ? Object.fromEntries(
          await Promise.all(
            names.map(async (name) => [name, checksumOf(await readFile(join(cwd, name)))]),
          ),
        )
      : undefined;
  };
  const resumeArgs = [...args, "--resume"];
  return finishScene({ args, resumeArgs, options, newFolder: folderWithList, found }, disk);
}

async function startSync({
  events,
  perPage,
  concurrency,
  latency,
  disk,
}: SceneOptions): Promise<Scene> {
  const days = 3;
  const account = await SimulatedAccount.start({
    seed: 4,
    start: midnight - 6 * 24 * hour,
    days: 10,
    eventsPerDay: Math.ceil(events / days),
    latency,
  });
  account.now = midnight + hour;
  const args = [...syncArguments("archive", account), "--days", `${days}`];
  args.push("--per-page", `${perPage}`, "--concurrency", `${concurrency}`);
  const options = { env: account.env, launcher: "dated" } as const;
  const found = async (cwd: string) => {
    const contents = await contentsOf(join(cwd, "archive")).catch(() => ({}));
    return "manifest.json" in contents ? contents : undefined;
  };
  return finishScene({ args, resumeArgs: args, options, newFolder, found }, disk);
}

type Unfinished = Omit<Scene, "expected" | "duration" | "changes">;

async function finishScene(scene: Unfinished, disk: Disk = {}): Promise<Scene> {
  const cwd = await scene.newFolder();
  const changesFile = join(await newFolder(), "changes");
  const env = { ...disk.env, ...(disk.disk ? { CHANGES_FILE: changesFile } : {}) };
  const started = performance.now();
  const { code, stderr } = await runScene(scene, cwd, { ...disk, env });
  const duration = Math.ceil(performance.now() - started);
  const expected = await scene.found(cwd);
  if (code !== 0 || !expected) {
    throw new Error(`The undisturbed run ended with ${code}: ${stderr}`);
  }
  const changes = Number(await readFile(changesFile, "utf8").catch(() => Number.NaN));
  return { ...scene, expected, duration, changes };
}
