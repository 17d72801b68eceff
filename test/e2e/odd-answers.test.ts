import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { brotliCompressSync, deflateSync, gzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { type CommandResult, newFolder, runCommand } from "../support/command.js";
import { day } from "../support/days.js";
import { type RawReply, startRawServer } from "../support/raw-server.js";

const key = "0123456789abcdef0123456789abcdef01234567";
const body = JSON.stringify({ results: [{ type: "click" }], total_count: 1, links: {} });
const whole = `HTTP/1.1 200 OK\r\ncontent-length: ${body.length}\r\n\r\n${body}`;

async function runAgainst(
  replies: readonly RawReply[],
  env: Record<string, string> = {},
  giveUpAfter = "1m",
) {
  const { host, requests } = await startRawServer(replies);
  const cwd = await newFolder();
  const proxied = env.HTTPS_PROXY !== undefined;
  const result = await runCommand(
    [
      ...[day, "--host", proxied ? "https://sparkpost.test" : `http://${host}`],
      ...["-p", "type", "-o", "a.csv", "--concurrency", "1"],
      ...["--timeout", "1s", "--give-up-after", giveUpAfter],
    ],
    {
      cwd,
      env: {
        SPARKPOST_API_KEY: key,
        ...env,
        ...(proxied ? { HTTPS_PROXY: `http://${host}` } : {}),
      },
      launcher: "fast",
    },
  );
  return { ...result, cwd, requests };
}

function expectFailure({ code, stderr }: CommandResult, words: RegExp) {
  expect({ code, stderr }).toEqual({ code: 4, stderr: expect.stringMatching(words) });
  expect(stderr).not.toMatch(/bug|spelling| at .*:\d+:\d+/);
}

const upgrade =
  "HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: websocket\r\n\r\n";

describe("an answer that is none is asked for again, and is the end where nothing else comes", () => {
  test.each<[string, RawReply, RegExp]>([
    ["another protocol", upgrade, /kept failing for 1 min \(\d+ tries\): status 101\.$/m],
    ["another protocol, and words of it", `${upgrade}\x81\x05hello`, /: status 101\.$/m],
    [
      "another protocol, on a connection that stays open",
      (socket) => void socket.write(upgrade),
      /: status 101\.$/m,
    ],
    ["a 101 without an upgrade", "HTTP/1.1 101 What\r\n\r\n", /kept failing|could not be reached/],
    ["a 100 and no more", "HTTP/1.1 100 Continue\r\n\r\n", /: the connection was closed|reset/m],
    ["a 199 and no more", "HTTP/1.1 199 Hm\r\n\r\n", /: the connection was closed|reset/m],
    ["status 099", "HTTP/1.1 099 Hm\r\ncontent-length: 0\r\n\r\n", /: status 99\.$/m],
    ["status 999", "HTTP/1.1 999 Hm\r\ncontent-length: 0\r\n\r\n", /: status 999\.$/m],
    ["nothing", "", /: the connection was closed|reset/m],
  ])("%s", async (_, reply, words) => {
    const never = await runAgainst([reply]);
    expect({ ...never, stderr: never.stderr.replace(/Check the network.*\n/, "") }).toMatchObject({
      code: 4,
      stderr: expect.stringMatching(words),
    });
    expect(never.stderr).not.toMatch(/bug| at .*:\d+:\d+/);
    expect(never.requests.length).toBeGreaterThan(2);
    expect(await readdir(never.cwd)).toEqual([]);
    // On a clock that runs a hundred times as fast, a busy machine needs more than its minute.
    const once = await runAgainst([reply, whole], {}, "1h");
    expect(once).toMatchObject({ code: 0, stderr: expect.stringContaining("1 retry") });
  });

  test.each([
    ["102", "HTTP/1.1 102 Processing\r\n\r\n"],
    ["103, many times", "HTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\n".repeat(100)],
    ["100", "HTTP/1.1 100 Continue\r\n\r\n"],
  ])("%s before the answer is no harm", async (_, before) => {
    const { code, stderr, cwd } = await runAgainst([before + whole]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: expect.not.stringContaining("retry") });
    expect(await readFile(join(cwd, "a.csv"), "utf8")).toBe("type\nclick\n");
  });
});

describe("an answer that cannot be read is told from a host that cannot be reached", () => {
  const packed = (encoding: string, bytes: Buffer, length = bytes.length) =>
    Buffer.concat([
      Buffer.from(
        `HTTP/1.1 200 OK\r\ncontent-encoding: ${encoding}\r\ncontent-length: ${length}\r\n\r\n`,
      ),
      bytes,
    ]);
  const nonsense = Buffer.from(body);
  const unreadable: [string, RawReply, RegExp][] = [
    ["gzip that is none", packed("gzip", nonsense), /cannot be unpacked/],
    ["deflate that is none", packed("deflate", nonsense), /cannot be unpacked/],
    ["br that is none", packed("br", nonsense), /cannot be unpacked/],
    ["gzip that is cut", packed("gzip", gzipSync(body).subarray(0, -9)), /cannot be unpacked/],
    ["deflate that is cut", packed("deflate", deflateSync(body).subarray(0, -5)), /unpacked/],
    ["br that is cut", packed("br", brotliCompressSync(body).subarray(0, -5)), /unpacked/],
    [
      "too large a header",
      `HTTP/1.1 200 OK\r\nx: ${"x".repeat(100_000)}\r\n\r\n`,
      /the answer's head is too large/,
    ],
    [
      "a header without end",
      (socket) => {
        const more = () => {
          while (
            !socket.destroyed &&
            socket.write(`x-${Math.random()}: ${"x".repeat(1_000)}\r\n`)
          ) {}
        };
        socket.write("HTTP/1.1 200 OK\r\n");
        socket.on("drain", more);
        more();
      },
      /the answer's head is too large/,
    ],
    [
      "chunks of no size",
      "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n{}\r\n",
      /the answer is not HTTP/,
    ],
    ["another protocol", "SSH-2.0-OpenSSH_9.6\r\n", /the answer is not HTTP/],
    [
      "less than announced",
      `HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\n${body}`,
      /the answer was cut short/,
    ],
  ];

  test.each(unreadable)("%s", async (_, reply, words) => {
    const result = await runAgainst([reply]);
    expectFailure(result, words);
    expect(result.stderr).toMatch(/ kept failing for 1 min \(\d+ tries\): /);
  });
});

describe("a proxy that does not connect", () => {
  test.each<[string, RawReply, RegExp]>([
    ["101", upgrade, /could not be reached/],
    ["100 and no more", "HTTP/1.1 100 Continue\r\n\r\n", /could not be reached/],
    ["204", "HTTP/1.1 204 No Content\r\n\r\n", /the proxy answered with 204/],
    ["301", "HTTP/1.1 301 Moved\r\nlocation: /\r\n\r\n", /the proxy answered with 301/],
    ["502", "HTTP/1.1 502 Bad Gateway\r\ncontent-length: 0\r\n\r\n", /the proxy answered with 502/],
    ["200 and nonsense", "HTTP/1.1 200 OK\r\n\r\nnonsense", /does not speak https|reached/],
    ["200 and nothing", "HTTP/1.1 200 OK\r\n\r\n", /could not be reached/],
    ["nothing", "", /could not be reached/],
    ["another protocol", "SSH-2.0-OpenSSH_9.6\r\n", /could not be reached/],
    ["silence", () => {}, /no answer for 1 s/],
  ])("%s", async (_, reply, words) => {
    const { code, stderr } = await runAgainst([reply], { HTTPS_PROXY: "this one" });
    expect({ code, stderr }).toEqual({ code: 4, stderr: expect.stringMatching(words) });
    expect(stderr).not.toMatch(/bug| at .*:\d+:\d+/);
  });
});
