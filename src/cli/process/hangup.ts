import { readFileSync } from "node:fs";
import { isatty } from "node:tty";

/**
 * Whether the command is to outlive the terminal that it was started from, as under `nohup`.
 *
 * Node.js does not keep that SIGHUP was ignored when it began. What can still be seen: nohup leaves none
 * of the standard streams on a terminal, and a shell that ignores the signal (`trap '' HUP`) is the
 * parent of what inherits that.
 */
export function outlivesTerminal(): boolean {
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
