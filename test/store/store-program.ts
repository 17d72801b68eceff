import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface, type Interface } from "node:readline";
import { fileURLToPath } from "node:url";
import { onTestFinished } from "vitest";

const program = fileURLToPath(new URL("../support/load-store.js", import.meta.url));

/** A program that has a store open, and loads files into it. */
export interface StoreProgram {
  readonly process: ChildProcess;
  /** The next line that it says; undefined at its end. */
  next(): Promise<string | undefined>;
  /** Ends it as it ends by itself. */
  finish(): Promise<void>;
  kill(): Promise<void>;
}

export interface ProgramOptions {
  readonly nodeOptions?: readonly string[];
  /** Blocks of 512 bytes that no file may grow beyond: as good as a full disk. */
  readonly largestFile?: number;
}

export function startProgram(
  address: string,
  files: readonly string[] = [],
  { nodeOptions = [], largestFile }: ProgramOptions = {},
): StoreProgram {
  const line = [process.execPath, ...nodeOptions, program, address, ...files];
  const [command = "", ...args] =
    largestFile === undefined
      ? line
      : ["/bin/sh", "-c", `ulimit -f ${largestFile} && exec "$@"`, "sh", ...line];
  const child = spawn(command, args, { stdio: ["pipe", "pipe", "inherit"] });
  const exited = once(child, "close");
  const lines: Interface = createInterface({ input: child.stdout });
  const iterator = lines[Symbol.asyncIterator]();
  const end = async (how: () => void) => {
    how();
    await exited;
  };
  onTestFinished(() => end(() => child.kill("SIGKILL")));
  return {
    process: child,
    next: async () => (await iterator.next()).value,
    finish: () => end(() => child.stdin.end()),
    kill: () => end(() => child.kill("SIGKILL")),
  };
}
