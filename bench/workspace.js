import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** A folder for this run's files, which goes when the run ends, however it ends. */
const folder = mkdtempSync(join(tmpdir(), "sparky-events-bench-"));

const running = new Set();

process.on("exit", () => {
  for (const child of running) {
    child.kill("SIGKILL");
  }
  rmSync(folder, { recursive: true, force: true });
});
process.on("SIGINT", () => process.exit(130));
process.on("SIGTERM", () => process.exit(143));

/** @param {string} name */
export function fileInWorkspace(name) {
  return join(folder, name);
}

/** Ends the child when this process ends. */
export function endWithThisProcess(child) {
  running.add(child);
  child.once("exit", () => running.delete(child));
  return child;
}

/** An ini file without settings, so that none of the person's own are found. */
export const emptyConfig = fileInWorkspace("sparkpost.ini");
writeFileSync(emptyConfig, "[SparkPost]\n");
