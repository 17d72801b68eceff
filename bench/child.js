import { spawn } from "node:child_process";
import { closeSync, openSync, rmSync } from "node:fs";
import { devNull } from "node:os";
import { endWithThisProcess } from "./workspace.js";

/** The environment of every measured process: no settings of the person who runs this. */
const environment = {
  ...process.env,
  SPARKPOST_API_KEY: "benchmark",
  NODE_OPTIONS: "",
  NO_PROXY: "127.0.0.1",
  no_proxy: "127.0.0.1",
};

/**
 * Runs a process to its end.
 *
 * @param {{ command: string, args: string[], creates?: string, output?: string, env?: Record<string, string> }} what
 *   `creates`: file that must not be there yet; to delete what an earlier run wrote is nobody's work.
 *   `output`: file that takes standard output
 * @returns {Promise<number>} wall time in milliseconds, from starting it to its end
 * @throws where it fails: a time of something that did not work says nothing
 */
export async function timeProcess({ command, args, creates, output = devNull, env = {} }) {
  if (creates !== undefined) {
    rmSync(creates, { force: true });
  }
  const stdout = openSync(output, "w");
  try {
    const started = process.hrtime.bigint();
    const child = endWithThisProcess(
      spawn(command, args, {
        stdio: ["ignore", stdout, "pipe"],
        env: { ...environment, ...env },
      }),
    );
    const errors = [];
    child.stderr.on("data", (chunk) => errors.push(chunk));
    const ended = new Promise((resolve) => {
      child.once("exit", () => resolve(process.hrtime.bigint()));
    });
    await new Promise((resolve, reject) => {
      child.once("error", reject);
      child.once("close", (code, signal) =>
        code === 0
          ? resolve()
          : reject(
              new Error(`${command} ${args[0]} ended with ${code ?? signal}: ${errors.join("")}`),
            ),
      );
    });
    return Number((await ended) - started) / 1e6;
  } finally {
    closeSync(stdout);
  }
}
