import { fileURLToPath } from "node:url";
import { emptyConfig } from "../workspace.js";

const binary = fileURLToPath(new URL("../../bin/sparky-events.js", import.meta.url));

/**
 * The command as a person runs it. It flushes its file to the disk.
 *
 * @param {{ columns: string[], output: string, concurrency?: number }} options
 */
export function thisTool({ origin, from, to }, { columns, output, concurrency }) {
  const args = [binary, from, to, "--host", origin, "--config", emptyConfig];
  args.push("--properties", columns.join(","), "--out", output, "--quiet");
  if (concurrency !== undefined) {
    args.push("--concurrency", String(concurrency));
  }
  return { command: process.execPath, args, creates: output };
}
