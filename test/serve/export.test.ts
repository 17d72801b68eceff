import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { startSandbox } from "../../src/sandbox/server.js";
import { newFolder, runCommand } from "../support/command.js";
import { madeUpEvents, searchOf, startTestServer } from "../support/test-server.js";

const day = 24 * 60 * 60 * 1000;

test.each([
  [[]],
  [["--format", "jsonl"]],
  [["--events", "delivery,click", "--recipient-domains", "com"]],
  [["--api", "message-events", "--properties", "*"]],
])("an export from a server of one's own has the bytes of one from SparkPost: %j", async (args) => {
  const cwd = await newFolder();
  const source = madeUpEvents(5_000);
  const server = await startTestServer({ search: searchOf(source) });
  const sandbox = await startSandbox({ source });
  onTestFinished(() => sandbox.close());
  const yesterday = new Date(Date.now() - day).toISOString().slice(0, 10);
  const texts: string[] = [];
  for (const host of [server.url, sandbox.origin]) {
    const file = `${texts.length}.out`;
    const words = [yesterday, "--host", host, "--per-page", "100", "--out", file, ...args];
    const result = await runCommand(words, { cwd, env: { SPARKPOST_API_KEY: server.keys.search } });
    expect(result).toMatchObject({ code: 0 });
    texts.push(await readFile(join(cwd, file), "utf8"));
  }
  expect(texts[0]?.split("\n").length).toBeGreaterThan(20);
  expect(texts[0]).toBe(texts[1]);
  expect(server.requests.some(({ events }) => (events ?? 0) > 10)).toBe(true);
});

test("a key that is unknown, or may not search, ends an export with exit code 3", async () => {
  const cwd = await newFolder();
  const { url, keys } = await startTestServer();
  for (const key of ["0".repeat(40), keys.support]) {
    const { code, stderr } = await runCommand(["yesterday", "--host", url], {
      cwd,
      env: { SPARKPOST_API_KEY: key },
    });
    expect(code).toBe(3);
    expect(stderr).not.toContain(key);
  }
});
