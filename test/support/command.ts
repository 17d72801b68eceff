import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, onTestFinished } from "vitest";
import { type HostedRun, startInHost } from "./hosted-command.js";

const launchers = {
  /** The command as users start it. */
  real: fileURLToPath(new URL("../../bin/sparky-events.js", import.meta.url)),
  /** The same, but its waits take a hundredth of the time. */
  fast: fileURLToPath(new URL("fast-clock.js", import.meta.url)),
  /** The same, but it begins at the time in CLOCK, and its waits are over at once. */
  dated: fileURLToPath(new URL("dated-clock.js", import.meta.url)),
  /** `serve` on events in memory, as SERVE says. */
  serving: fileURLToPath(new URL("serve-events.js", import.meta.url)),
};

export interface CommandOptions {
  readonly cwd: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly launcher?: HostedRun["launcher"];
  /** Where the command's standard output goes; default: collected. */
  readonly stdout?: number;
  readonly nodeOptions?: readonly string[];
  /** Modules of this folder that change how the disk behaves. */
  readonly disk?: readonly string[] | undefined;
  /**
   * Blocks of 512 bytes (in some shells 1,024) that no file may grow beyond: as good as a full disk.
   */
  readonly largestFile?: number | undefined;
  /** The most addresses that the process may reserve, in kB. */
  readonly addressSpace?: number | undefined;
}

/** What is a process of its own in any case. */
interface ProcessOptions extends Omit<CommandOptions, "launcher"> {
  readonly launcher?: keyof typeof launchers;
}

export interface CommandResult {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunningCommand {
  readonly process: ChildProcess;
  readonly finished: Promise<CommandResult>;
}

/** A run that can be told to stop, in a process of its own or not. */
export interface StoppableCommand {
  readonly kill: (signal: StopSignal) => void;
  readonly hasEnded: () => boolean;
  readonly finished: Promise<CommandResult>;
}

export type StopSignal = "SIGINT" | "SIGTERM" | "SIGKILL";

/** The command as words for a shell or for `spawn`. */
export function commandLine(args: readonly string[]): string[] {
  return [process.execPath, launchers.real, ...args];
}

/** Starts the command as a process of its own, with nothing of this process's environment. */
export function startCommand(
  args: readonly string[],
  {
    cwd,
    env = {},
    launcher = "real",
    stdout,
    nodeOptions = [],
    disk = [],
    largestFile,
    addressSpace,
  }: ProcessOptions,
): RunningCommand {
  const modules = disk.flatMap((name) => ["--import", new URL(name, import.meta.url).href]);
  const words = [process.execPath, ...nodeOptions, ...modules, launchers[launcher], ...args];
  for (const [option, limit] of [
    ["-f", largestFile],
    ["-v", addressSpace],
  ]) {
    if (limit !== undefined) {
      words.unshift("sh", "-c", `ulimit ${option} ${limit} && exec "$@"`, "sh");
    }
  }
  const [program = "", ...rest] = words;
  const child = spawn(program, rest, {
    cwd,
    env: { PATH: process.env.PATH, HOME: cwd, ...env },
    stdio: ["ignore", stdout ?? "pipe", "pipe"],
  });
  const output = { stdout: "", stderr: "" };
  child.stdout?.setEncoding("utf8").on("data", (text) => {
    output.stdout += text;
  });
  child.stderr?.setEncoding("utf8").on("data", (text) => {
    output.stderr += text;
  });
  const finished = once(child, "close").then(([code, signal]) => ({ code, signal, ...output }));
  return { process: child, finished };
}

/** With OWN_PROCESSES=1, every command is a process of its own: as users have it, and much slower. */
const ownProcesses = process.env.OWN_PROCESSES === "1";
/** What Node.js or the tests read of the environment, before a command has a say. */
const readByNode = /^(NODE_.*|PEAK_MEMORY_FILE)$/;
const kinds = new Set<string>();

/**
 * Runs the command to its end. Most tests are about what it makes of its input, and starting it takes
 * longer than all else that they do. So one process runs the command lines of many tests; but the first
 * of each file of tests, on each kind of disk, and what is about the process itself, is a process of its own.
 */
export function runCommand(
  args: readonly string[],
  options: CommandOptions,
): Promise<CommandResult> {
  const run = asHosted(args, options);
  return run ? startInHost(run).finished : startCommand(args, options).finished;
}

/**
 * Starts the command for a test to stop it. What SIGKILL leaves on the disk is the same where the run is
 * one of many in a process: it changes nothing any more, and its process is taken for gone.
 */
export function startStoppable(args: readonly string[], options: CommandOptions): StoppableCommand {
  // It is this module that keeps a killed run from changing anything.
  const disk = [...new Set(["crash.js", ...(options.disk ?? [])])];
  const run = asHosted(args, { ...options, disk });
  if (run) {
    return startInHost(run);
  }
  const { process: child, finished } = startCommand(args, options);
  return {
    kill: (signal) => child.kill(signal),
    hasEnded: () => child.exitCode !== null || child.signalCode !== null,
    finished,
  };
}

/** @returns undefined for what is to be a process of its own */
function asHosted(args: readonly string[], options: CommandOptions): HostedRun | undefined {
  const { cwd, env = {}, launcher = "real", disk = [], ...ofProcess } = options;
  return Object.keys(ofProcess).length > 0 ||
    Object.keys(env).some((name) => readByNode.test(name)) ||
    isFirstOfKind(disk) ||
    ownProcesses
    ? undefined
    : { args, cwd, env: { HOME: cwd, ...env }, launcher, disk };
}

function isFirstOfKind(disk: readonly string[]): boolean {
  const kind = [expect.getState().testPath, ...disk].join(" ");
  const isFirst = !kinds.has(kind);
  kinds.add(kind);
  return isFirst;
}

/** A new folder, removed when the test ends. */
export async function newFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "sparky-events-test-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}
