import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { onTestFinished } from "vitest";

const launchers = {
  /** The command as users start it. */
  real: fileURLToPath(new URL("../../bin/sparky-events.js", import.meta.url)),
  /** The same, but its waits take a hundredth of the time. */
  fast: fileURLToPath(new URL("fast-clock.js", import.meta.url)),
  /** The same, but it begins at the time in CLOCK, and its waits are over at once. */
  dated: fileURLToPath(new URL("dated-clock.js", import.meta.url)),
};

export interface CommandOptions {
  readonly cwd: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly launcher?: keyof typeof launchers;
  /** Where the command's standard output goes; default: collected. */
  readonly stdout?: number;
  readonly nodeOptions?: readonly string[];
  /**
   * Blocks of 512 bytes (in some shells 1,024) that no file may grow beyond: as good as a full disk.
   */
  readonly largestFile?: number | undefined;
  /** The most addresses that the process may reserve, in kB. */
  readonly addressSpace?: number | undefined;
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
    largestFile,
    addressSpace,
  }: CommandOptions,
): RunningCommand {
  const words = [process.execPath, ...nodeOptions, launchers[launcher], ...args];
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

export function runCommand(
  args: readonly string[],
  options: CommandOptions,
): Promise<CommandResult> {
  return startCommand(args, options).finished;
}

/** A new folder, removed when the test ends. */
export async function newFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "sparky-events-test-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}
