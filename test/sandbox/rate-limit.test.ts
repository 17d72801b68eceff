import { expect, test } from "vitest";
import { RateLimit } from "../../src/sandbox/rate-limit.js";
import { EVENTS_PATH, makeSource, NOW, useSandbox } from "./sandbox-client.js";

const sandbox = useSandbox(makeSource(10), { rateLimit: 3 });

async function statuses(count: number): Promise<number[]> {
  const list = [];
  for (let i = 0; i < count; i++) list.push((await sandbox.get(EVENTS_PATH)).status);
  return list;
}

test("requests beyond the limit get 429 until time has passed", async () => {
  expect(await statuses(5)).toEqual([200, 200, 200, 429, 429]);
  sandbox.clock.now += 333;
  expect(await statuses(1)).toEqual([429]);
  sandbox.clock.now += 1;
  expect(await statuses(2)).toEqual([200, 429]);
  sandbox.clock.now += 60_000;
  expect(await statuses(4)).toEqual([200, 200, 200, 429]);
});

test("the 429 comes before any other check", async () => {
  const response = await sandbox.get("/nowhere", { headers: {} });
  expect(response.status).toBe(429);
  expect(await response.json()).toEqual({ errors: [{ message: "Too many requests" }] });
});

test("every other 429 says when to come back", () => {
  const clock = { now: NOW };
  const limit = new RateLimit(0.25, () => clock.now);
  const retryAfter = (): string | undefined => limit.refuse()?.headers["retry-after"];
  expect(limit.refuse()).toBeUndefined();
  expect([retryAfter(), retryAfter(), retryAfter()]).toEqual(["4", undefined, "4"]);
  clock.now += 3500;
  expect([retryAfter(), retryAfter()]).toEqual([undefined, "1"]);
  clock.now += 500;
  expect(limit.refuse()).toBeUndefined();
});

test("a clock that is set back does not take tokens away", () => {
  const clock = { now: NOW };
  const limit = new RateLimit(2, () => clock.now);
  clock.now -= 3_600_000;
  expect([limit.refuse(), limit.refuse()]).toEqual([undefined, undefined]);
  expect(limit.refuse()?.status).toBe(429);
});
