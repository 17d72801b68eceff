import { createInterface } from "node:readline";
import type { Readable } from "node:stream";
import { onTestFinished } from "vitest";
import { type CommandResult, runCommand, startCommand } from "./command.js";
import type { NamedStore } from "./event-stores.js";

export interface RealServer {
  readonly url: string;
  readonly pid: number;
  /** A key that may search. */
  readonly key: string;
  /** What it has told so far. */
  readonly log: Readonly<Record<string, unknown>>[];
  /** Asks it to stop, and tells how it ended. */
  stop(): Promise<CommandResult>;
}

/** `sparky-events serve` on a store, as a process of its own. */
export async function startRealServer(
  cwd: string,
  { name, env }: Pick<NamedStore, "name" | "env">,
): Promise<RealServer> {
  const options = { cwd, env };
  const access = ["--access", "keys"];
  const key = (await runCommand(["access", "add", "me", ...access], options)).stdout.trim();
  const { process: child, finished } = startCommand(
    ["serve", "--store", name, "--listen", "127.0.0.1:0", ...access, "--log-format", "json"],
    options,
  );
  onTestFinished(async () => {
    child.kill("SIGKILL");
    await finished;
  });
  const log: Record<string, unknown>[] = [];
  const url = await new Promise<string>((resolve, reject) => {
    finished.then(({ stderr }) => reject(new Error(`It ended: ${stderr}`)), reject);
    createInterface({ input: child.stderr as Readable }).on("line", (line) => {
      const entry = JSON.parse(line) as Record<string, unknown>;
      log.push(entry);
      if (entry.event === "listening") {
        resolve(String(entry.url));
      }
    });
  });
  return {
    url,
    pid: child.pid ?? 0,
    key,
    log,
    async stop() {
      child.kill("SIGTERM");
      return await finished;
    },
  };
}
