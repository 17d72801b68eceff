import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { startSandbox } from "../../src/sandbox/server.js";
import { newFolder, runCommand } from "../support/command.js";
import { day } from "../support/days.js";
import { eventList } from "../support/event-list.js";
import { sample, seed, times } from "../support/random-numbers.js";
import { expectedRecords, startTestSandbox } from "../support/sandbox.js";
import {
  page,
  type Reply,
  silence,
  startScriptedServer,
  text,
} from "../support/scripted-server.js";

const env = { SPARKPOST_API_KEY: "0123456789abcdef0123456789abcdef01234567" };
const midnight = Date.parse(`${day}T00:00:00Z`);

async function exportDay(origin: string, args: readonly string[] = []) {
  const cwd = await newFolder();
  const { code, stdout, stderr } = await runCommand(
    [day, "--host", origin, "-p", "event_id", "-o", "-", ...args],
    { cwd, env, launcher: "fast" },
  );
  const requests = Number(/([\d,]+) requests?/.exec(stderr)?.[1]?.replace(",", ""));
  const retries = Number(/([\d,]+) retr(?:y|ies)/.exec(stderr)?.[1]?.replace(",", "") ?? 0);
  return { code, ids: stdout.split("\n").slice(1, -1), requests: requests - retries, stderr };
}

/** Events of one day at these seconds after midnight, newest first. */
function eventsAt(seconds: readonly number[]) {
  return seconds
    .toSorted((a, b) => b - a)
    .map((at, index) => ({
      type: "click",
      // Of those of the same time, the highest comes first.
      event_id: String(99_999 - index),
      timestamp: new Date(midnight + at * 1_000).toISOString(),
    }));
}

async function startDay(events: ReturnType<typeof eventsAt>, failRate = 0) {
  const source = eventList(events);
  const sandbox = await startSandbox({ source, failRate, now: () => midnight + 2 * 864e5 });
  return {
    ...sandbox,
    ids: events.map(({ event_id }) => event_id),
    [Symbol.asyncDispose]: sandbox.close,
  };
}

const uneven: Record<string, number[]> = {
  "spread evenly": Array.from({ length: 6_000 }, (_, index) => index * 14.4),
  "on whole seconds, thousands in each": Array.from(
    { length: 6_000 },
    (_, index) => Math.floor(index / 2_000) * 21_600,
  ),
  "in the first and the last second": Array.from(
    { length: 4_000 },
    (_, index) => (index % 2) * 86_399.999,
  ),
  "all in one minute": Array.from({ length: 6_000 }, (_, index) => 50_000 + index / 100),
  "all in one second": Array.from({ length: 3_000 }, (_, index) => 50_000 + index / 10_000),
  "in a burst and a trickle": Array.from({ length: 6_000 }, (_, index) =>
    index < 4_000 ? 70_000 + index / 1_000 : index * 14,
  ),
  "at every slice's edge": Array.from(
    { length: 6_000 },
    (_, index) => Math.floor(index / 50) * 720 + (index % 3) / 1_000,
  ),
};

describe("events", () => {
  for (const [name, seconds] of Object.entries(uneven)) {
    test(`${name} arrive once each, in order, for at most a quarter more requests (SEED=${seed})`, async () => {
      const { origin, ids, close } = await startDay(eventsAt(seconds));
      for (const [concurrency, perPage] of sample(
        [
          [1, 100],
          [4, 100],
          [8, 50],
          [32, 33],
        ],
        2,
      )) {
        const result = await exportDay(origin, [
          "--concurrency",
          `${concurrency}`,
          "--per-page",
          `${perPage}`,
        ]);
        expect(result.code).toBe(0);
        expect(result.ids).toEqual(ids);
        const sequential = Math.ceil(ids.length / (perPage ?? 1));
        expect(result.requests).toBeLessThanOrEqual(Math.ceil(1.25 * sequential));
        if (concurrency === 1) {
          expect(result.requests).toBe(sequential);
        }
      }
      await close();
    });
  }

  test("arrive once each through every kind of fault, eight requests at a time", async () => {
    const { origin, ids, close } = await startDay(
      eventsAt(uneven["in a burst and a trickle"] ?? []),
      0.4,
    );
    const result = await exportDay(origin, ["--concurrency", "8", "--per-page", "50"]);
    expect(result.stderr).toMatch(/retries after waiting/);
    expect(result.code).toBe(0);
    expect(result.ids).toEqual(ids);
    await close();
  });
});

test("events arrive once each through stalls, eight requests at a time", async () => {
  const { origin, ids, close } = await startDay(eventsAt(uneven["spread evenly"] ?? []));
  const answers = Array.from({ length: 400 }, (_, index) =>
    index % 9 === 4 ? silence : index % 9 === 7 ? silenceMidway : forward(origin),
  );
  const stalling = await startScriptedServer(answers);
  const result = await exportDay(stalling.origin, [
    "--concurrency",
    "8",
    "--per-page",
    "100",
    "--timeout",
    "0.3s",
  ]);
  expect(result.stderr).toMatch(/retries after waiting/);
  expect(result.code).toBe(0);
  expect(result.ids).toEqual(ids);
  await close();
});

describe("the bytes", () => {
  test("are the same for any concurrency, to a file, a gzipped file and standard output", async () => {
    const { source, origin, now } = await startTestSandbox(times(12_000, 60_000), {
      failRate: 0.1,
    });
    const cwd = await newFolder();
    const to = Math.floor(now / 6e4) * 6e4 - 6e5;
    const range = [new Date(to - 8 * 864e5), new Date(to)].map(
      (end) => `${end.toISOString().slice(0, 19)}Z`,
    );
    const run = async (out: string, concurrency: number) => {
      const { code, stdout } = await runCommand(
        [
          ...range,
          "--host",
          origin,
          "--per-page",
          `${times(100, 500)}`,
          "-o",
          out,
          "--concurrency",
          `${concurrency}`,
          "-q",
        ],
        { cwd, env, launcher: "fast" },
      );
      expect(code).toBe(0);
      return stdout;
    };
    for (const concurrency of [1, 4, 8]) {
      await run(`${concurrency}.csv`, concurrency);
      await run(`${concurrency}.csv.gz`, concurrency);
    }
    const stdout = await run("-", 8);
    const read = (name: string) => readFile(join(cwd, name));
    const plain = await read("1.csv");
    const gzipped = await read("1.csv.gz");
    for (const concurrency of [4, 8]) {
      expect((await read(`${concurrency}.csv`)).equals(plain)).toBe(true);
      expect((await read(`${concurrency}.csv.gz`)).equals(gzipped)).toBe(true);
    }
    expect(gunzipSync(gzipped).equals(plain)).toBe(true);
    expect(Buffer.from(stdout).equals(plain)).toBe(true);
    expect((await readdir(cwd)).every((name) => /^\d\.csv(\.gz)?$/.test(name))).toBe(true);
    const expected = expectedRecords(source, ["timestamp"], (index) => {
      const time = source.timestampOf(index);
      return time >= to - 8 * 864e5 && time <= to + 999;
    });
    expect(
      plain
        .toString()
        .match(/^20\d\d-[^,]*,/gm)
        ?.map((field) => field.slice(0, -1)),
    ).toEqual(expected.flat());
  });
});

describe("one after the other", () => {
  test("is how the legacy API is asked, whose pages shift", async () => {
    const server = await startScriptedServer([page([{ event_id: "1" }])]);
    await exportDay(server.origin, ["--api", "message-events", "--concurrency", "8"]);
    expect(server.requests).toHaveLength(1);
  });

  test("is how a single worker asks, without counting first", async () => {
    const server = await startScriptedServer([page([{ event_id: "1" }])]);
    await exportDay(server.origin, ["--concurrency", "1"]);
    expect(server.requests).toHaveLength(1);
    await exportDay(server.origin, ["--concurrency", "2"]);
    expect(server.requests.map((path) => /per_page=\d+/.exec(path)?.[0])).toEqual([
      "per_page=10000",
      "per_page=1",
      "per_page=10000",
    ]);
  });
});

test("what fails one worker ends all, with that failure", async () => {
  const { origin, close } = await startDay(eventsAt(uneven["spread evenly"] ?? []));
  const refusing = await startScriptedServer([
    ...Array.from({ length: 6 }, () => forward(origin)),
    text(403, JSON.stringify({ errors: [{ message: "Forbidden." }] })),
  ]);
  const { code, stderr } = await exportDay(refusing.origin, [
    "--concurrency",
    "4",
    "--per-page",
    "100",
  ]);
  expect(code).toBe(3);
  expect(stderr.match(/^error:/gm)).toHaveLength(1);
  await close();
});

/** Begins to answer, and says no more. */
const silenceMidway: Reply = (_request, response) => {
  response.writeHead(200, { "content-type": "application/json" });
  response.write('{"results":[{"event_id":"1"},');
};

/** Lets another server answer. */
function forward(origin: string): Reply {
  return async (request, response) => {
    const answer = await fetch(origin + request.url, { headers: { authorization: "any" } });
    response.end(Buffer.from(await answer.arrayBuffer()));
  };
}
