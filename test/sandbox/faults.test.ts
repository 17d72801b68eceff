import { describe, expect, test } from "vitest";
import { createFaultSequence, faults } from "../../src/sandbox/faults.js";
import { EVENTS_PATH, LEGACY_PATH, makeSource, useSandbox } from "./sandbox-client.js";

const source = makeSource(3000);

/** What a client sees of one request, in a word or two. */
async function outcome(get: (target: string) => Promise<Response>, path: string): Promise<string> {
  const response = await get(path).catch(() => undefined);
  if (!response) return "connection reset";
  const text = await response.text().catch(() => undefined);
  if (text === undefined) return "cut body";
  if (response.status === 503) {
    expect(response.headers.get("content-type")).toBe("text/html");
    expect(text).toMatch(/^<html>/);
    return "unavailable page";
  }
  if (response.status === 504) {
    expect(text).toBe("");
    return "empty timeout";
  }
  const body = parse(text);
  if (response.status === 500) return "internal error";
  if (response.status === 502) {
    expect(body).toEqual({ errors: [{ message: "Could not proceed (502 error)" }] });
    return "could not proceed";
  }
  if (!body) {
    expect(response.headers.get("content-length")).toBe(String(Buffer.byteLength(text)));
    return "truncated json";
  }
  if (body.results === undefined) {
    expect(body.errors?.length).toBe(1);
    return "errors with status 200";
  }
  return "fine";
}

function parse(text: string): { results?: unknown; errors?: unknown[] } | undefined {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

describe("when every request fails", () => {
  const sandbox = useSandbox(source, { failRate: 1, seed: 3 });

  test.each([EVENTS_PATH, LEGACY_PATH])("%s fails in every way", async (path) => {
    const seen = new Set<string>();
    for (let i = 0; i < 60; i++) seen.add(await outcome(sandbox.get, path));
    expect([...seen].sort()).toEqual([...faults].sort());
  });

  test("a wrong key and a wrong path still get their own answers", async () => {
    for (let i = 0; i < 20; i++) {
      expect((await sandbox.get(EVENTS_PATH, { headers: {} })).status).toBe(401);
      expect((await sandbox.get("/api/v1/messages")).status).toBe(404);
    }
  });
});

describe("when some requests fail", () => {
  const sandbox = useSandbox(source, { failRate: 0.3, seed: 11 });

  test("they are those that the seed says", async () => {
    const expected = createFaultSequence(() => 0.3, 11);
    for (let i = 0; i < 60; i++) {
      expect(await outcome(sandbox.get, EVENTS_PATH)).toBe(expected() ?? "fine");
    }
  });
});

describe("when the share of failing requests changes", () => {
  let rate = 0;
  const sandbox = useSandbox(source, { failRate: () => rate });

  test("an outage begins and ends", async () => {
    for (rate of [0, 1, 0]) {
      for (let i = 0; i < 5; i++) {
        expect((await outcome(sandbox.get, EVENTS_PATH)) === "fine").toBe(rate === 0);
      }
    }
  });
});

describe("the sequence of faults", () => {
  const take = (rate: number, seed: number, count: number): unknown[] => {
    const next = createFaultSequence(() => rate, seed);
    return Array.from({ length: count }, () => next());
  };

  test("is the same for the same seed only", () => {
    expect(take(0.5, 1, 100)).toEqual(take(0.5, 1, 100));
    expect(take(0.5, 1, 100)).not.toEqual(take(0.5, 2, 100));
  });

  test("has the share of faults asked for, of all kinds alike", () => {
    const sequence = take(0.2, 5, 40_000);
    for (const fault of faults) {
      const share = sequence.filter((item) => item === fault).length / 40_000;
      expect(share).toBeGreaterThan(0.02);
      expect(share).toBeLessThan(0.03);
    }
    expect(new Set(take(0, 5, 1000))).toEqual(new Set([undefined]));
  });
});
