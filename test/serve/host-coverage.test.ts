import { expect, test, vi } from "vitest";
import { newFolder, runCommand } from "../support/command.js";
import { startScriptedServer } from "../support/scripted-server.js";
import { HeldSearch, madeUpEvents, searchOf, startTestServer } from "../support/test-server.js";

async function run(host: string, key: string, ...args: string[]) {
  return await runCommand([...args, "--host", host], {
    cwd: await newFolder(),
    env: { SPARKPOST_API_KEY: key },
    launcher: "fast",
  });
}

test("what many parts lack is told of in a header of a limited length", async () => {
  const day = 86_400_000;
  const from = Date.parse("2026-01-01T00:00:00Z");
  const missing = Array.from({ length: 500 }, (_, index) => ({
    from: from + 2 * index * day,
    to: from + (2 * index + 1) * day,
  }));
  const found = searchOf(madeUpEvents(10));
  const { get } = await startTestServer({
    search: {
      find: async (...search) => ({ ...(await found.find(...search)), missing }),
    },
  });
  for (const path of ["/api/v1/events/message", "/api/v1/message-events"]) {
    const header = (await get(path)).headers.get("sparky-events-missing") ?? "";
    const intervals = header.split(", ");
    expect(intervals).toHaveLength(20);
    expect(intervals[0]).toBe("2026-01-01T00:00:00Z/2026-01-02T00:00:00Z");
    // The last one stands for all others.
    const [start, end] = intervals.at(-1)?.split("/") ?? [];
    expect(Date.parse(start ?? "")).toBe(missing[19]?.from);
    expect(Date.parse(end ?? "")).toBe(missing.at(-1)?.to);
  }
});

test("a server that lacks something refuses nobody who knows that", async () => {
  const asked: unknown[] = [];
  const { url, keys } = await startTestServer({
    coverage: async (range) => {
      asked.push(range);
      return {
        missing: [{ from: range.from, to: range.from + 3_600_000 }],
        unproven: false,
      };
    },
  });
  const refused = await run(url, keys.search, "2026-11-19", "2026-11-20", "--out", "-");
  expect(refused).toMatchObject({ code: 2, stdout: "" });
  expect(refused.stderr).toContain("does not have all of this range yet: 2026-11-19T00:00:00 to");
  const allowed = await run(
    ...([url, keys.search, "2026-11-19", "2026-11-20", "--out", "-", "--allow-expired"] as const),
  );
  expect(allowed.code).toBe(0);
  expect(allowed.stderr).toContain("warning: ");
  // Once for each export, and for the range as a whole.
  const range = { from: Date.parse("2026-11-19T00:00Z"), to: Date.parse("2026-11-21T00:00Z") };
  expect(asked).toEqual([range, range]);
});

test("a key that may not search ends it before anything is written", async () => {
  const { url, keys } = await startTestServer();
  for (const key of [keys.support, "0".repeat(40)]) {
    const { code, stdout } = await run(url, key, "yesterday", "--out", "-");
    expect({ code, stdout }).toEqual({ code: 3, stdout: "" });
  }
});

test("what a server lacks cannot be asked for too often at once", async () => {
  let most = 0;
  let inside = 0;
  let asked = 0;
  const { get } = await startTestServer({
    search: new HeldSearch(madeUpEvents(1)),
    limits: { searches: 2 },
    coverage: async () => {
      asked += 1;
      most = Math.max(most, ++inside);
      // Until another is inside, or none is left.
      await vi.waitUntil(() => inside >= 2 || asked === 10, { interval: 5, timeout: 30_000 });
      inside -= 1;
      return { missing: [], unproven: false };
    },
  });
  const path = "/.well-known/sparky-events/coverage";
  const answers = await Promise.all(Array.from({ length: 10 }, () => get(path)));
  expect(answers.map(({ status }) => status)).toEqual(Array(10).fill(200));
  expect(most).toBe(2);
  const wrong = await get(`${path}?from=yesterday`);
  expect(wrong.status).toBe(400);
});

test("a host that has nothing there is a host like SparkPost", async () => {
  const { origin, requests, keys } = await startScriptedServer([
    (_, response) => {
      response.end(JSON.stringify({ results: [], total_count: 0, links: {} }));
    },
  ]);
  const { code, stderr } = await run(origin, "my-key-0123456789", "yesterday", "--out", "-");
  expect({ code, stderr }).toMatchObject({ code: 0 });
  expect(requests.every((path) => path.startsWith("/api/v1/"))).toBe(true);
  expect(new Set(keys)).toEqual(new Set(["my-key-0123456789"]));
});
