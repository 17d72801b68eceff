import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { onTestFinished } from "vitest";
import type { CommandResult, StoppableCommand } from "./command.js";

export interface HostedRun {
  readonly args: readonly string[];
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  readonly launcher: "real" | "fast" | "dated";
  /** Modules that change how the disk behaves. Where there are any, the run may be killed. */
  readonly disk: readonly string[];
}

const script = fileURLToPath(new URL("command-host.js", import.meta.url));
/** By the modules that they have. */
const hosts = new Map<string, Host>();

/** Starts a command line in a process that runs many of them, one after the other. */
export function startInHost(run: HostedRun): StoppableCommand {
  const kind = run.disk.join(" ");
  const host = hosts.get(kind) ?? new Host(run.disk);
  hosts.set(kind, host);
  return host.start(run);
}

class Host {
  readonly #disk: readonly string[];
  #process: ChildProcess | undefined;
  #lastRun: Promise<unknown> = Promise.resolve();

  constructor(disk: readonly string[]) {
    this.#disk = disk;
  }

  start(run: HostedRun): StoppableCommand {
    let hasEnded = false;
    let sendSignal: StoppableCommand["kill"] = () => {};
    const started = this.#lastRun.then(() => {
      const child = this.#process ?? this.#open();
      sendSignal = (signal) => child.send({ signal });
      return this.#send(child, run);
    });
    const finished = started.finally(() => {
      hasEnded = true;
    });
    this.#lastRun = finished.catch(() => {});
    return {
      kill: (signal) => !hasEnded && sendSignal(signal),
      hasEnded: () => hasEnded,
      finished,
    };
  }

  async #send(child: ChildProcess, run: HostedRun): Promise<CommandResult> {
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
      child.send({ ...run, isMortal: this.#disk.length > 0 });
      const result = await Promise.race([answer, end.then(() => undefined)]);
      if (!result) {
        throw new Error(`The process of the command ended: ${run.args.join(" ")}`);
      }
      return result[0];
    } finally {
      isOver = true;
      answer.catch(() => {});
      end.catch(() => {});
      waiting.abort();
      child.unref();
    }
  }

  #open(): ChildProcess {
    const modules = this.#disk.flatMap((name) => ["--import", new URL(name, import.meta.url).href]);
    const child = fork(script, { env: { PATH: process.env.PATH }, execArgv: modules });
    child.once("exit", () => {
      this.#process = this.#process === child ? undefined : this.#process;
    });
    child.unref();
    child.channel?.unref();
    this.#process = child;
    return child;
  }
}
