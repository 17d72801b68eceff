import { writeSync } from "node:fs";
import { type Clock, systemClock } from "../clock.js";
import { main } from "./main.js";
import type { Edges } from "./process/edges.js";
import { followSignals } from "./process/signals.js";
import { Screen } from "./terminal/screen.js";

/**
 * Runs the command line of this process to its end.
 *
 * `--help` is quick because of what is not loaded for it: a command's file `command.ts` comes when the
 * command is asked for, and what it does, `run.ts` with all behind it, when it runs (`await import`).
 * test/e2e/loaded-files.test.ts keeps that rule.
 *
 * @param clock the system's, unless a caller wants waits to be shorter
 */
export async function start(clock: Clock = systemClock): Promise<void> {
  const interruption = followSignals();
  watchStandardOutput();
  process.once("beforeExit", endUndecided);
  const argv = process.argv.slice(2);
  if (argv.includes("--no-color")) {
    // Where libraries look that write to the terminal by themselves.
    process.env.NO_COLOR = "1";
  }
  process.exitCode = await main(argv, processEdges(clock, interruption));
  process.off("beforeExit", endUndecided);
  if (interruption.aborted) {
    // A reader that does not read would keep a pending write, and so the process, alive.
    process.exit();
  }
}

/** The edges of this process. */
export function processEdges(clock: Clock, signal: AbortSignal): Edges {
  let stderr: Screen | undefined;
  return {
    launch: { node: process.execPath, script: process.argv[1] ?? "" },
    env: process.env,
    // Opened when it is asked for: few commands read anything.
    get stdin() {
      return process.stdin;
    },
    stdout: new Screen(process.stdout),
    // Help has nothing to say there.
    get stderr() {
      stderr ??= openStandardError();
      return stderr;
    },
    clock,
    signal,
    secrets: new Set(),
  };
}

function openStandardError(): Screen {
  // Whoever reads the messages may go away; the export goes on.
  return new Screen(process.stderr.on("error", () => {}));
}

/** Node would end without a word when nothing is left to wait for, and the run is not at its end. */
function endUndecided(): void {
  writeSync(
    process.stderr.fd,
    "error: This is a bug in sparky-events: nothing more happens, and the run is not at its end.\nPlease report it: run the same command again with --verbose and send its output.\n",
  );
  process.exit(1);
}

/** What an export writes is watched there; this is for all that is written without looking back. */
function watchStandardOutput(): void {
  let failure: NodeJS.ErrnoException | undefined;
  process.stdout.on("error", (error) => {
    failure ??= error;
  });
  process.on("exit", () => {
    // A reader that has seen enough is no failure.
    if (failure && failure.code !== "EPIPE" && process.exitCode === 0) {
      const reason = failure.code === "ENOSPC" ? "the disk is full" : failure.message;
      writeSync(process.stderr.fd, `error: Could not write to standard output: ${reason}.\n`);
      process.exitCode = 1;
    }
  });
}
