import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import type { EventSource } from "../../src/sandbox/event-source.js";
import { startSandbox } from "../../src/sandbox/server.js";
import {
  type CommandOptions,
  type CommandResult,
  newFolder,
  runCommand,
  startCommand,
} from "./command.js";
import { diskOf } from "./disk.js";
import { eventList } from "./event-list.js";

export const key = "0123456789abcdef0123456789abcdef01234567";

export interface TestEvent extends Record<string, unknown> {
  readonly type: string;
  readonly event_id: string;
  readonly timestamp: string;
}

/** Events at even distances from one time to another, exclusive. */
export function eventsFrom(from: string, to: string, everyMinutes = 60): TestEvent[] {
  const events: TestEvent[] = [];
  for (let time = Date.parse(from); time < Date.parse(to); time += everyMinutes * 60_000) {
    events.push(eventAt(new Date(time).toISOString()));
  }
  return events;
}

/** What a run logged, without the time in front of each line. */
export function withoutTimes(result: CommandResult): CommandResult {
  return { ...result, stderr: result.stderr.replaceAll(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ /gm, "") };
}

let ids = 0;

export function eventAt(timestamp: string, type = "delivery"): TestEvent {
  ids += 1;
  return { type, event_id: `e${ids}`, timestamp: new Date(timestamp).toISOString() };
}

interface FixtureState {
  now: number;
  events: readonly TestEvent[];
  source: EventSource;
}

/** A simulator whose events and clock a test changes, and a folder with an archive of them. */
export class ArchiveFixture {
  readonly cwd: string;
  readonly origin: string;
  readonly #state: FixtureState;

  private constructor(cwd: string, origin: string, state: FixtureState) {
    this.cwd = cwd;
    this.origin = origin;
    this.#state = state;
  }

  static async start(now: string, events: readonly TestEvent[], latency = 0) {
    const state = { now: Date.parse(now), events, source: eventList(events) };
    const source: EventSource = {
      get length() {
        return state.source.length;
      },
      timestampOf: (index) => state.source.timestampOf(index),
      typeOf: (index) => state.source.typeOf(index),
      propertyOf: (index, name) => state.source.propertyOf(index, name),
      event: (index) => state.source.event(index),
      json: (indices) => state.source.json(indices),
    };
    const sandbox = await startSandbox({ source, latency, now: () => state.now });
    onTestFinished(() => sandbox.close());
    return new ArchiveFixture(await newFolder(), sandbox.origin, state);
  }

  get folder(): string {
    return join(this.cwd, "sparkpost-events");
  }

  set now(now: string) {
    this.#state.now = Date.parse(now);
  }

  get events(): readonly TestEvent[] {
    return this.#state.events;
  }

  set events(events: readonly TestEvent[]) {
    this.#state.events = events;
    this.#state.source = eventList(events);
  }

  args(args: readonly string[]): string[] {
    return ["sync", "--host", this.origin, "-p", "timestamp,event_id", ...args];
  }

  sync(...args: string[]): Promise<CommandResult> {
    return this.run(this.args(args));
  }

  status(...args: string[]): Promise<CommandResult> {
    return this.run(["status", ...args], {});
  }

  async run(args: readonly string[], env?: Record<string, string>) {
    return withoutTimes(await runCommand(args, this.#options(env)));
  }

  /** Runs until it changes the disk for the nth time. */
  crash(args: readonly string[], change: number): Promise<CommandResult> {
    const { env, ...options } = this.#options();
    const disk = diskOf(["crash.js"], { ...env, CRASH_AT: `${change}` });
    return runCommand(args, { ...options, ...disk });
  }

  start(args: readonly string[], env?: Record<string, string>) {
    const { process, finished } = startCommand(args, this.#options(env));
    return { process, finished: finished.then(withoutTimes) };
  }

  #options(env: Record<string, string> = { SPARKPOST_API_KEY: key }): CommandOptions {
    const clock = new Date(this.#state.now).toISOString();
    return { cwd: this.cwd, env: { ...env, CLOCK: clock }, launcher: "dated" };
  }

  /** Names of the archive's files, without what is of no concern to its readers. */
  async files(folder = this.folder): Promise<string[]> {
    const names = await readdir(folder, { recursive: true, withFileTypes: true });
    return names
      .filter((entry) => entry.isFile() && !entry.parentPath.includes("/.sync"))
      .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
      .sort();
  }

  read(name: string): Promise<string> {
    return readFile(join(this.folder, name), "utf8");
  }

  async manifest(folder = this.folder): Promise<Manifest> {
    return JSON.parse(await readFile(join(folder, "manifest.json"), "utf8"));
  }

  /** The CSV that a range should be in. */
  csv(from: string, to: string): string {
    const [start, end] = [Date.parse(from), Date.parse(to)];
    const rows = this.events
      .filter(({ timestamp }) => Date.parse(timestamp) >= start && Date.parse(timestamp) < end)
      .sort((a, b) => Date.parse(b.timestamp) - Date.parse(a.timestamp))
      .map(({ timestamp, event_id }) => `${timestamp},${event_id}\n`);
    return `timestamp,event_id\n${rows.join("")}`;
  }
}

export interface Manifest {
  version: number;
  schema: Record<string, unknown>;
  since: string | null;
  acceptedGaps: string[];
  files: Record<
    string,
    {
      from: string;
      to: string;
      rows: number;
      bytes: number;
      sha256: string;
      totalCount: number | null;
      exportedAt: string;
      state: "complete" | "partial";
      toolVersion: string | null;
    }
  >;
}
