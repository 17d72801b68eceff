import { readFileSync, writeFileSync } from "node:fs";
import { isMainThread } from "node:worker_threads";

/**
 * Loaded into the measured process: writes the peak of its resident memory, in bytes, when it ends.
 *
 * The kernel's VmHWM begins anew with a program. `maxRSS` does not: it is at least the peak of the
 * process that started this one.
 */
if (isMainThread) {
  process.on("exit", () => {
    writeFileSync(process.env.BENCH_PEAK_MEMORY_FILE, String(peakMemory()));
  });
}

function peakMemory() {
  try {
    return Number(/VmHWM:\s+(\d+) kB/.exec(readFileSync("/proc/self/status", "utf8"))[1]) * 1024;
  } catch {
    return process.resourceUsage().maxRSS * 1024;
  }
}
