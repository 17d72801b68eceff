import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { newFolder, startCommand } from "../support/command.js";
import { day } from "../support/days.js";
import { type Reply, startScriptedServer } from "../support/scripted-server.js";

const slowDisk = fileURLToPath(new URL("../support/slow-disk.js", import.meta.url));
const pages = 6;
const perPage = 10;

/** Pages of so many events, which follow each other. */
function manyPages(onAsked: (page: number) => void): Reply {
  return (request, response) => {
    const cursor = new URL(request.url ?? "", "http://localhost").searchParams.get("cursor");
    const number = cursor === "initial" ? 1 : Number(cursor);
    const results = Array.from({ length: perPage }, (_, index) => ({
      type: "open",
      event_id: `${number}-${index}`,
      subject: "x".repeat(1_000),
    }));
    const links = number < pages ? { next: `/api/v1/events/message?cursor=${number + 1}` } : {};
    response.end(JSON.stringify({ results, total_count: pages * perPage, links }));
    onAsked(number);
  };
}

async function start(slowness: number, onAsked: (page: number) => void, args: string[] = []) {
  const server = await startScriptedServer([manyPages(onAsked)]);
  const cwd = await newFolder();
  const command = startCommand(
    [
      ...[day, "--host", server.origin, "-o", "a.csv", "-p", "event_id,subject"],
      ...["--concurrency", "1", ...args],
    ],
    {
      cwd,
      env: {
        SPARKPOST_API_KEY: "0123456789abcdef0123456789abcdef01234567",
        SLOW_WRITE_MS: String(slowness),
      },
      nodeOptions: ["--import", slowDisk],
    },
  );
  return { ...command, cwd };
}

test.each([
  ["SIGINT", 130, /^error: Interrupted\.$/m],
  ["SIGTERM", 143, /^error: Stopped by SIGTERM\.$/m],
] as const)(
  "%s while an answer arrives and the disk is slow",
  async (signal, exitCode, message) => {
    const { process, finished, cwd } = await start(500, (page) => {
      if (page === 2) {
        setTimeout(() => process.kill(signal), 100);
      }
    });
    const { code, stderr } = await finished;
    expect({ code, stderr }).toEqual({ code: exitCode, stderr: expect.stringMatching(message) });
    expect(stderr).not.toMatch(/ at .*:\d+:\d+/);
    expect(await readdir(cwd)).toEqual(["a.csv.partial"]);
    expect(await readdir(join(cwd, "a.csv.partial"))).not.toContain("lock");
  },
);

test("a disk that takes longer than --timeout fails no request", async () => {
  const { finished, cwd } = await start(400, () => {}, ["--timeout", "0.2s"]);
  const { code, stderr } = await finished;
  expect({ code, stderr }).toEqual({ code: 0, stderr: expect.not.stringMatching(/retr(y|ies)/) });
  const lines = (await readFile(join(cwd, "a.csv"), "utf8")).split("\n").slice(1, -1);
  expect(lines.map((line) => line.split(",")[0])).toEqual(
    Array.from(
      { length: pages * perPage },
      (_, index) => `${Math.floor(index / perPage) + 1}-${index % perPage}`,
    ),
  );
});

test("a run that nothing happens in any more says so", async () => {
  const { finished } = await start(Number.POSITIVE_INFINITY, () => {});
  const { code, stderr } = await finished;
  expect({ code, stderr }).toEqual({
    code: 1,
    stderr: expect.stringMatching(/nothing more happens, and the run is not at its end\.\n/),
  });
});
