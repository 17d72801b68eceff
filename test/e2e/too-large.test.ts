import { readdir, readFile } from "node:fs/promises";
import type { ServerResponse } from "node:http";
import { join } from "node:path";
import type { Writable } from "node:stream";
import { constants, createBrotliCompress, createDeflate, createGzip, gzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { newFolder, runCommand } from "../support/command.js";
import { day } from "../support/days.js";
import { json, type Reply, startScriptedServer } from "../support/scripted-server.js";

const key = "0123456789abcdef0123456789abcdef01234567";
const megabyte = 1_000_000;
const mostMemory = 400 * megabyte;

interface Run {
  readonly args?: readonly string[];
  readonly cwd?: string;
  readonly command?: readonly string[];
}

async function run(reply: Reply, { args = [], cwd, command = [day, "-o", "a.csv"] }: Run = {}) {
  const folder = cwd ?? (await newFolder());
  const server = await startScriptedServer([reply]);
  const result = await runCommand([...command, "--host", server.origin, ...args], {
    cwd: folder,
    env: { SPARKPOST_API_KEY: key, PEAK_MEMORY_FILE: join(folder, "peak") },
    launcher: "fast",
  });
  const peak = Number(await readFile(join(folder, "peak"), "utf8"));
  expect(result.stderr).not.toMatch(/bug| at .*:\d+:\d+/);
  return { ...result, peak, cwd: folder, requests: server.requests };
}

/** Writes the same piece again and again, as fast as it is taken. */
async function pour(piece: Buffer, times: number, to: Writable): Promise<void> {
  for (let time = 0; time < times && !to.destroyed; time++) {
    if (!to.write(piece)) {
      await new Promise<void>((resolve) => {
        to.once("drain", resolve).once("close", resolve);
      });
    }
  }
}

/** A body of a beginning, a piece many times over, and no end. */
function body(
  beginning: string,
  piece: Buffer,
  times: number,
  packing?: keyof typeof packers,
): Reply {
  return async (_, response: ServerResponse) => {
    response.on("error", () => {});
    response.writeHead(200, packing ? { "content-encoding": packing } : {});
    const to = packing ? packers[packing]() : response;
    if (to !== response) {
      to.on("error", () => {}).pipe(response);
      response.once("close", () => to.destroy());
    }
    to.write(beginning);
    await pour(piece, times, to);
    to.end();
  };
}

const packers = {
  gzip: () => createGzip({ level: 1 }),
  deflate: () => createDeflate({ level: 1 }),
  br: () => createBrotliCompress({ params: { [constants.BROTLI_PARAM_QUALITY]: 0 } }),
};

/** Tells the number of events, for which each worker gets the reply. */
function counted(reply: Reply): Reply {
  return (request, response) => {
    const isCount =
      new URL(request.url ?? "", "http://localhost").searchParams.get("per_page") === "1";
    (isCount ? json(200, { results: [], total_count: 400_000 }) : reply)(request, response);
  };
}

const spaces = Buffer.alloc(megabyte, " ");
const letters = Buffer.alloc(megabyte, "x");
const manyOf = (event: string) => Buffer.from(`${event},`.repeat(10_000));

describe("an answer that is too large ends the run, within little memory", () => {
  test("2.2 GB of white space in 2 MB", async () => {
    const member = gzipSync(Buffer.alloc(100 * megabyte, " "), { level: 1 });
    const bomb = Buffer.concat(Array.from({ length: 22 }, () => member));
    const { code, stderr, peak, requests } = await run(
      counted((_, response) => {
        response.writeHead(200, { "content-encoding": "gzip" }).end(bomb);
      }),
    );
    expect({ code, stderr }).toEqual({
      code: 4,
      stderr: expect.stringMatching(/larger than 32MB/),
    });
    expect(peak).toBeLessThan(mostMemory);
    expect(requests.length).toBeLessThan(10);
  });

  test.each<[string, Reply, RegExp]>([
    ["white space by deflate", body("", spaces, 500, "deflate"), /larger than 32MB/],
    ["white space by br", body("", spaces, 500, "br"), /larger than 32MB/],
    [
      "10 million empty events",
      body('{"results":[', manyOf("{}"), 1_000),
      /has more than 50,000 events/,
    ],
    [
      "10 million tiny events",
      body('{"results":[', manyOf('{"type":"open"}'), 1_000),
      /larger than 32MB[^\n]*more events than were asked for/,
    ],
    [
      "a million empty events",
      (_, response) => void response.end(`{"results":[${Array(1_000_000).fill("{}").join()}]}`),
      /has more than 50,000 events/,
    ],
    ["a text of 1 GB", body('{"results":[{"type":"', letters, 1_000), /larger than 32MB/],
    ["a key of 1 GB", body('{"', letters, 1_000), /larger than 32MB/],
    ["links without end", body('{"links":[', manyOf("{}"), 1_000), /more values|50,000 events/],
    ["brackets", body("", Buffer.alloc(megabyte, "["), 1_000), /larger than 32MB/],
    [
      "a type for each event",
      body('{"results":[', Buffer.from(`{"type":"${"x".repeat(100_000)}"},`), 12_000),
      /larger than (32|48)MB/,
    ],
  ])("%s", async (_, reply, words) => {
    const { code, stderr, peak, cwd, requests } = await run(counted(reply));
    expect({ code, stderr }).toEqual({ code: 4, stderr: expect.stringMatching(words) });
    expect(peak).toBeLessThan(mostMemory);
    expect(requests.length).toBeLessThan(10);
    expect(await readdir(cwd)).toEqual(["peak"]);
  });

  test.each([["types", "--live"], ["check"], [day, "--dry-run"]])(
    "for %s %s too",
    async (...command) => {
      const { code, stdout, stderr, peak } = await run(body('{"results":[', manyOf("[]"), 1_000), {
        command,
      });
      expect(code).toBe(4);
      expect(stdout + stderr).toMatch(/larger than 32MB|more values/);
      expect(peak).toBeLessThan(mostMemory);
    },
  );
});

test("an error that goes on for ever is known by its beginning", async () => {
  const reply: Reply = async (_, response) => {
    response.on("error", () => {}).writeHead(500);
    response.write("the disk of the server is full ");
    await pour(letters, 10_000, response);
  };
  const { code, stderr, peak } = await run(reply, { args: ["--give-up-after", "10s"] });
  expect({ code, stderr }).toEqual({
    code: 4,
    stderr: expect.stringContaining("status 500: the disk of the server is full xxx"),
  });
  expect(peak).toBeLessThan(mostMemory);
});

/** Pages of events of 20 kB, as many as are asked for. */
function largeEvents(total: number): Reply {
  return (request, response) => {
    const { searchParams } = new URL(request.url ?? "", "http://localhost");
    const perPage = Number(searchParams.get("per_page"));
    const first = Number(/\d+/.exec(searchParams.get("cursor") ?? "") ?? 0);
    const results = Array.from({ length: Math.min(perPage, total - first) }, (_, index) => ({
      type: "open",
      event_id: `${first + index}`,
      subject: "x".repeat(20_000),
    }));
    const next = `?cursor=${first + perPage}&per_page=${perPage}`;
    const links = first + perPage < total ? { next } : {};
    json(200, { results, total_count: total, links })(request, response);
  };
}

describe("a page of 200 MB", () => {
  const total = 10_000;
  const args = ["-p", "event_id,subject", "--concurrency", "1"];

  test("is taken where little of it is wanted", async () => {
    const { code, cwd, peak } = await run(largeEvents(total), { args: ["-p", "event_id,type"] });
    expect(code).toBe(0);
    expect((await readFile(join(cwd, "a.csv"), "utf8")).split("\n")).toHaveLength(total + 2);
    expect(peak).toBeLessThan(mostMemory);
  });

  test("is refused with a number of events that works", async () => {
    const refused = await run(largeEvents(total), { args });
    const { code, stderr, cwd } = refused;
    expect({ code, stderr }).toEqual({
      code: 4,
      stderr: expect.stringMatching(
        /^error: The CSV of a page is larger than 48MB, .*\nAsk for fewer events at once: --per-page 1000$/m,
      ),
    });
    expect(refused.peak).toBeLessThan(mostMemory);
    const again = await run(largeEvents(total), { args: [...args, "--per-page", "1000"], cwd });
    expect(again.code).toBe(0);
    const lines = (await readFile(join(cwd, "a.csv"), "utf8")).split("\n");
    expect(lines).toHaveLength(total + 2);
    expect(again.peak).toBeLessThan(mostMemory);
  });

  test("is refused where --max-body is less, which can be raised", async () => {
    const little = await run(largeEvents(total), {
      args: ["-p", "event_id", "--concurrency", "1", "--max-body", "150MB"],
    });
    expect(little).toMatchObject({
      code: 4,
      stderr: expect.stringMatching(
        /^error: An answer of 127\.0\.0\.1:\d+ is larger than 150MB \(unpacked\)\.\n.*--per-page.*--max-body 300MB$/m,
      ),
    });
    expect(little.requests.length).toBeLessThan(3);
    const enough = await run(largeEvents(total), {
      args: ["-p", "event_id", "--concurrency", "1", "--max-body", "300MB"],
    });
    expect(enough.code).toBe(0);
  });
});

test("an export whose pages were too large goes on with smaller ones", async () => {
  const total = 3_000;
  const cwd = await newFolder();
  const args = ["-p", "event_id,subject", "--concurrency", "1"];
  let requests = 0;
  const growing: Reply = (request, response) => {
    requests++;
    const { searchParams } = new URL(request.url ?? "", "http://localhost");
    const perPage = Number(searchParams.get("per_page"));
    const first = Number(/\d+/.exec(searchParams.get("cursor") ?? "") ?? 0);
    const results = Array.from({ length: Math.min(perPage, total - first) }, (_, index) => ({
      event_id: `${first + index}`,
      subject: "x".repeat(first + index < 1_000 ? 10 : 60_000),
    }));
    const next = `?cursor=${first + perPage}&per_page=${perPage}`;
    const links = first + perPage < total ? { next } : {};
    json(200, { results, total_count: total, links })(request, response);
  };
  // An export goes on with the same host only.
  const { origin } = await startScriptedServer([growing]);
  const host = ["--host", origin];
  const refused = await run(growing, { cwd, args: [...args, ...host, "--per-page", "1000"] });
  expect(refused).toMatchObject({
    code: 4,
    stderr: expect.stringMatching(/--per-page 200\n.*--resume goes on from there/),
  });
  expect(requests).toBe(2);
  const again = await run(growing, {
    cwd,
    args: [...args, ...host, "--per-page", "200", "--resume"],
  });
  expect(again.code).toBe(0);
  const lines = (await readFile(join(cwd, "a.csv"), "utf8")).split("\n").slice(1, -1);
  expect(lines.map((line) => line.split(",")[0])).toEqual(
    Array.from({ length: total }, (_, index) => String(index)),
  );
});
