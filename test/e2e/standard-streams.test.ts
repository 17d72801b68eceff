import { spawn } from "node:child_process";
import { once } from "node:events";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { commandLine, newFolder } from "../support/command.js";
import { day } from "../support/days.js";
import { page, startScriptedServer } from "../support/scripted-server.js";

const env = {
  PATH: process.env.PATH,
  SPARKPOST_API_KEY: "0123456789abcdef0123456789abcdef01234567",
};
const events = [{ type: "bounce" }, { type: "click" }];

/** Runs a shell script, in which `"$@"` is the command. */
async function runInShell(script: string, args: readonly string[], cwd: string) {
  const child = spawn("sh", ["-c", script, "sh", ...commandLine(args)], {
    cwd,
    env: { ...env, HOME: cwd },
  });
  let stdout = "";
  let stderr = "";
  child.stdout.setEncoding("utf8").on("data", (text) => {
    stdout += text;
  });
  child.stderr.setEncoding("utf8").on("data", (text) => {
    stderr += text;
  });
  const [code] = await once(child, "close");
  return { code, stdout, stderr };
}

async function exportArgs(out: string): Promise<string[]> {
  const { origin } = await startScriptedServer([page(events)]);
  return [day, "--host", origin, "--concurrency", "1", "-p", "type", "-o", out];
}

describe.skipIf(process.platform === "win32")("a standard stream that is closed", () => {
  const closed = "error: Could not write to standard output: it is closed.\n";

  test("does not take an export for written", async () => {
    const cwd = await newFolder();
    const { code, stderr } = await runInShell('exec "$@" >&-', await exportArgs("-"), cwd);
    expect({ code, stderr }).toEqual({ code: 1, stderr: expect.stringContaining(closed) });
  });

  test.each([
    "types",
    "properties bounce",
    "bounce-classes --format csv",
    "types --format json",
    "completion bash",
    "schedule cron",
  ])("does not take what %s prints for written", async (line) => {
    const { code, stderr } = await runInShell('exec "$@" >&-', line.split(" "), await newFolder());
    expect({ code, stderr }).toEqual({ code: 1, stderr: expect.stringContaining(closed) });
  });

  test("does not take a count for written", async () => {
    const args = [...(await exportArgs("a.csv")), "--dry-run"];
    const { code, stderr } = await runInShell('exec "$@" >&-', args, await newFolder());
    expect({ code, stderr }).toEqual({ code: 1, stderr: expect.stringContaining(closed) });
  });

  test("is no matter where the output is thrown away", async () => {
    const cwd = await newFolder();
    const toNull = '"$@" > /dev/null';
    expect(await runInShell(toNull, await exportArgs("-"), cwd)).toMatchObject({ code: 0 });
    expect(await runInShell(toNull, ["types"], cwd)).toMatchObject({ code: 0 });
    expect(await runInShell('"$@" > types.txt', ["types"], cwd)).toMatchObject({ code: 0 });
    expect(await readFile(join(cwd, "types.txt"), "utf8")).toMatch(/^type /);
  });

  test.each(["<&-", ">&-", "2>&-", "<&- >&- 2>&-"])(
    "is no matter to an export to a file: %s",
    async (closing) => {
      const cwd = await newFolder();
      const { code } = await runInShell(`exec "$@" ${closing}`, await exportArgs("a.csv"), cwd);
      expect(code).toBe(0);
      expect(await readFile(join(cwd, "a.csv"), "utf8")).toBe("type\nbounce\nclick\n");
      const wrong = await runInShell(`exec "$@" ${closing}`, ["yesterday", "--host", "a b"], cwd);
      expect(wrong.code).toBe(2);
      expect(await readdir(cwd)).toEqual(["a.csv"]);
    },
  );
});
