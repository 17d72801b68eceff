import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { setImmediate } from "node:timers/promises";
import { brotliCompressSync, constants, deflateSync, gzipSync } from "node:zlib";
import { expect, test } from "vitest";
import { commandLine, newFolder, runCommand } from "../support/command.js";
import { times } from "../support/random-numbers.js";
import { startTestSandbox } from "../support/sandbox.js";
import { type Reply, startScriptedServer } from "../support/scripted-server.js";

const env = { SPARKPOST_API_KEY: "0123456789abcdef0123456789abcdef01234567" };

const packings = {
  gzip: gzipSync,
  deflate: deflateSync,
  br: (body: Buffer) =>
    brotliCompressSync(body, { params: { [constants.BROTLI_PARAM_QUALITY]: 2 } }),
};

/** Passes requests on, and the answers back in chunks of these sizes, one after the other. */
function inPieces(
  origin: string,
  sizes: readonly number[],
  packing?: keyof typeof packings,
): Reply {
  return async ({ url, headers }, response) => {
    const answer = await fetch(`${origin}${url}`, {
      headers: { authorization: headers.authorization ?? "" },
    });
    const plain = Buffer.from(await answer.arrayBuffer());
    const body = packing ? packings[packing](plain) : plain;
    response.writeHead(answer.status, packing ? { "content-encoding": packing } : {});
    for (let start = 0, piece = 0; start < body.length; piece++) {
      const size = sizes[piece % sizes.length] ?? body.length;
      response.write(body.subarray(start, start + size));
      start += size;
      if (piece % 5 === 0) {
        await setImmediate();
      }
    }
    response.end();
  };
}

/** Nine days whose events do not change any more. */
function rangeUntil(now: number): string[] {
  return [now - 9 * 864e5, now - 60_000].map(
    (time) => `${new Date(time).toISOString().slice(0, 16)}Z`,
  );
}

/** Runs the command into a pipe whose reader begins after a number of seconds. */
async function readLater(seconds: number, args: readonly string[], cwd: string): Promise<string> {
  const slow = spawn(
    "sh",
    ["-c", `"$@" | { sleep ${seconds}; cat; }`, "sh", ...commandLine(args)],
    { cwd, env: { PATH: process.env.PATH, HOME: cwd, ...env } },
  );
  let stdout = "";
  slow.stdout.setEncoding("utf8").on("data", (text) => {
    stdout += text;
  });
  await once(slow, "close");
  return stdout;
}

test.each<[string, number[], (keyof typeof packings)?]>([
  ["whole", [10_000_000]],
  ["in small chunks", [700, 1, 2_000, 16]],
  ["in chunks of any size", [90_000, 3, 65_536, 65_535, 200_000]],
  ["packed", [65_536], "gzip"],
  ["packed otherwise", [65_536, 10], "deflate"],
  ["packed well", [200_000], "br"],
])("answers that come %s make the same file", async (_, sizes, packing) => {
  const { origin, now } = await startTestSandbox(times(4_000, 10_000));
  const range = rangeUntil(now);
  const cwd = await newFolder();
  const args = (host: string, out: string) => [
    ...range,
    "--host",
    host,
    "-p",
    "*",
    "--per-page",
    `${times(2_000, 5_000)}`,
    "-o",
    out,
  ];
  expect((await runCommand(args(origin, "direct.csv"), { cwd, env })).code).toBe(0);
  const direct = await readFile(join(cwd, "direct.csv"), "utf8");
  expect(direct.length).toBeGreaterThan(times(800_000, 2_000_000));

  const pieces = await startScriptedServer([inPieces(origin, sizes, packing)]);
  const { code, stderr } = await runCommand(args(pieces.origin, "pieces.csv"), { cwd, env });
  expect({ code, stderr }).toEqual({ code: 0, stderr: expect.not.stringMatching(/retr(y|ies)/) });
  expect((await readFile(join(cwd, "pieces.csv"), "utf8")) === direct).toBe(true);

  // A reader that is slow at first: answers arrive while the page before cannot be written.
  expect((await readLater(1, args(pieces.origin, "-"), cwd)) === direct).toBe(true);
});

test("a reader may take longer than any request", async () => {
  const { origin, now } = await startTestSandbox(10_000);
  const cwd = await newFolder();
  const range = rangeUntil(now);
  for (const concurrency of ["1", "4"]) {
    const args = [...range, "--host", origin, "--per-page", "400", "--concurrency", concurrency];
    const limits = ["--timeout", "0.5s", "--give-up-after", "1s"];
    expect((await runCommand([...args, "-o", "a.csv", "--force", "-q"], { cwd, env })).code).toBe(
      0,
    );
    const file = await readFile(join(cwd, "a.csv"), "utf8");
    expect(file.length).toBeGreaterThan(500_000);
    expect((await readLater(4, [...args, ...limits, "-o", "-"], cwd)) === file).toBe(true);
  }
});
