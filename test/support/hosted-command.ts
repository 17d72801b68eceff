import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { onTestFinished } from "vitest";
import type { CommandResult } from "./command.js";

export interface HostedRun {
  readonly args: readonly string[];
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  readonly launcher: "real" | "fast" | "dated";
}

const script = fileURLToPath(new URL("command-host.js", import.meta.url));
let host: ChildProcess | undefined;
let lastRun: Promise<unknown> = Promise.resolve();

/** Runs a command line in a process that runs many of them, one after the other. */
export function runInHost(run: HostedRun): Promise<CommandResult> {
  const result = lastRun.then(() => sendToHost(run));
  lastRun = result.catch(() => {});
  return result;
}

async function sendToHost(run: HostedRun): Promise<CommandResult> {
  const child = host ?? startHost();
  let isOver = false;
  onTestFinished(() => {
    // A command that never ends must not be in the way of the next test.
    if (!isOver) {
      child.kill("SIGKILL");
    }
  });
  child.ref();
  const waiting = new AbortController();
  const { signal } = waiting;
  const answer = once(child, "message", { signal });
  const end = once(child, "exit", { signal });
  try {
    child.send(run);
    const result = await Promise.race([answer, end.then(() => undefined)]);
    if (!result) {
      throw new Error(`The process of the command ended: ${run.args.join(" ")}`);
    }
    return { ...result[0], signal: null };
  } finally {
    isOver = true;
    answer.catch(() => {});
    end.catch(() => {});
    waiting.abort();
    child.unref();
  }
}

function startHost(): ChildProcess {
  const child = fork(script, { env: { PATH: process.env.PATH }, execArgv: [] });
  child.once("exit", () => {
    host = host === child ? undefined : host;
  });
  child.unref();
  child.channel?.unref();
  host = child;
  return child;
}
