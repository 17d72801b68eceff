import { spawn } from "node:child_process";
import { once } from "node:events";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { commandLine, newFolder } from "../support/command.js";
import { day } from "../support/days.js";
import { page, startScriptedServer } from "../support/scripted-server.js";
import { hasTerminal } from "../support/terminal.js";

const env = {
  PATH: process.env.PATH,
  SPARKPOST_API_KEY: "0123456789abcdef0123456789abcdef01234567",
};
const events = [{ type: "bounce" }, { type: "click" }];
const next = "/api/v1/events/message?cursor=2";

/** Sends SIGHUP while the command waits for its second page, which comes afterwards. */
async function hangUp(start: (words: string, cwd: string) => string[]) {
  const cwd = await newFolder();
  const server = await startScriptedServer([
    page(events, { totalCount: 3, next }),
    async (_request, response) => {
      process.kill(Number(await readFile(join(cwd, "pid"), "utf8")), "SIGHUP");
      // Long enough for a command that heeds the signal to hang up.
      const late = setTimeout(() => {
        response.writeHead(200, { "content-type": "application/json" });
        response.end(JSON.stringify({ results: [{ type: "open" }], total_count: 3, links: {} }));
      }, 300);
      response.once("close", () => clearTimeout(late));
    },
  ]);
  const args = [day, "--host", server.origin, "--concurrency", "1", "-p", "type"];
  const words = commandLine([...args, "-o", "a.csv"])
    .map((word) => `'${word}'`)
    .join(" ");
  const [program = "", ...rest] = start(words, cwd);
  const child = spawn(program, rest, {
    cwd,
    env: { ...env, HOME: cwd },
    stdio: ["ignore", "pipe", "pipe"],
  });
  child.stdout.resume();
  child.stderr.resume();
  await once(child, "close");
  const code = Number(await readFile(join(cwd, "code"), "utf8"));
  return { code, files: (await readdir(cwd)).filter((name) => name.startsWith("a.csv")) };
}

describe.skipIf(process.platform === "win32")("SIGHUP", () => {
  const complete = { code: 0, files: ["a.csv"] };
  /** Notes the number of the process, and its exit code. */
  const noting = (words: string) => `${words} & echo $! > pid; wait $!; echo $? > code`;

  test("is ignored under nohup", async () => {
    expect(await hangUp((words) => ["sh", "-c", noting(`nohup ${words}`)])).toEqual(complete);
  });

  test.runIf(hasTerminal)("is ignored under nohup on a terminal", async () => {
    const result = await hangUp((words) => {
      return ["script", "-qec", noting(`nohup ${words}`), "/dev/null"];
    });
    expect(result).toEqual(complete);
  });

  test.runIf(hasTerminal && process.platform === "linux")(
    "is ignored on a terminal where the shell ignores it",
    async () => {
      const result = await hangUp((words) => {
        return ["script", "-qec", `trap '' HUP; ${noting(words)}`, "/dev/null"];
      });
      expect(result).toEqual(complete);
    },
  );

  test.runIf(hasTerminal)("on a terminal ends the command, which can go on", async () => {
    const result = await hangUp((words) => ["script", "-qec", noting(words), "/dev/null"]);
    expect(result).toEqual({ code: 129, files: ["a.csv.partial"] });
  });
});
