import { setMaxListeners } from "node:events";
import { readFileSync } from "node:fs";
import { constants } from "node:os";
import { isatty } from "node:tty";
import { SparkyEventsError } from "../../errors.js";

type InterruptingSignal = "SIGINT" | "SIGTERM" | "SIGHUP";

/** The person or the system asked the command to stop. */
export class Interruption extends SparkyEventsError {
  readonly exitCode: number;

  constructor(signal: InterruptingSignal) {
    super(signal === "SIGINT" ? "Interrupted." : `Stopped by ${signal}.`);
    this.exitCode = 128 + constants.signals[signal];
  }
}

/** Under npm, Ctrl-C comes twice: from the terminal, and from npm, which passes it on. */
const sameInterruption = 500;

/** Aborts, with an Interruption as its reason, when the process is asked to stop. */
export function followSignals(): AbortSignal {
  const interruption = new AbortController();
  const outlives = outlivesTerminal();
  let interrupted = 0;
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
    process.on(signal, () => {
      if (signal === "SIGHUP" && outlives) {
        return;
      }
      const reason = new Interruption(signal);
      if (!interruption.signal.aborted) {
        interrupted = performance.now();
        interruption.abort(reason);
      } else if (performance.now() - interrupted > sameInterruption) {
        // Asked twice: whatever is still being cleaned up, the person wants out.
        process.exit(reason.exitCode);
      }
    });
  }
  setMaxListeners(0, interruption.signal);
  return interruption.signal;
}

/**
 * Whether the command is to outlive the terminal that it was started from, as under `nohup`.
 *
 * Node.js does not keep that SIGHUP was ignored when it began. What can still be seen: nohup leaves none
 * of the standard streams on a terminal, and a shell that ignores the signal (`trap '' HUP`) is the
 * parent of what inherits that.
 */
function outlivesTerminal(): boolean {
  return (
    // Windows ends a process whose console was closed in any case.
    process.platform !== "win32" &&
    (![0, 1, 2].some((fd) => isatty(fd)) || ignoresHangup(process.ppid))
  );
}

/** Where the system tells: the lowest bit of SigIgn is SIGHUP, see proc(5). */
function ignoresHangup(pid: number): boolean {
  try {
    const [, lowest = "0"] =
      /^SigIgn:\s*[\da-f]*([\da-f])$/m.exec(readFileSync(`/proc/${pid}/status`, "utf8")) ?? [];
    return (Number.parseInt(lowest, 16) & 1) === 1;
  } catch {
    return false;
  }
}
