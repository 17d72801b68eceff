import { describe, expect, test } from "vitest";
import { WrongKeys } from "../../src/serve/wrong-keys.js";
import { eventsPath, startTestServer } from "../support/test-server.js";

const wrong = (index: number) => index.toString(16).padStart(40, "0");

test("wrong keys are told to wait after so many, and right ones are not", async () => {
  let time = Date.now();
  const clock = { now: () => time, sleep: async () => {} };
  const { get, keys } = await startTestServer({ limits: { wrongKeys: 3 }, clock });
  const statuses = async (count: number) => {
    const list: number[] = [];
    for (let index = 0; index < count; index++) {
      list.push((await get(eventsPath, { authorization: wrong(index) })).status);
    }
    return list;
  };
  expect(await statuses(5)).toEqual([401, 401, 401, 429, 429]);
  const refused = await get(eventsPath, { authorization: wrong(1) });
  expect(refused.headers.get("retry-after")).toBe("20");
  expect((await get(eventsPath)).status).toBe(200);
  // A key that lacks the role is not a wrong one.
  expect((await get(eventsPath, { authorization: keys.support })).status).toBe(403);
  time += 20_000;
  expect(await statuses(2)).toEqual([401, 429]);
  time += 600_000;
  expect(await statuses(4)).toEqual([401, 401, 401, 429]);
});

test("behind a proxy, it is the address that the proxy has added that counts", async () => {
  const { get } = await startTestServer({ limits: { wrongKeys: 1 }, behindProxy: true });
  const statusOf = async (forwarded: string) =>
    (await get(eventsPath, { authorization: wrong(1), "x-forwarded-for": forwarded })).status;
  expect(await statusOf("192.0.2.1")).toBe(401);
  expect(await statusOf("192.0.2.1")).toBe(429);
  expect(await statusOf("192.0.2.2")).toBe(401);
  // What stands further left is what the client says.
  expect(await statusOf("198.51.100.7, 192.0.2.1")).toBe(429);
  expect(await statusOf("no address")).toBe(401);
  expect(await statusOf("no address either")).toBe(429);
});

test("without a proxy, nobody chooses an address", async () => {
  const { get } = await startTestServer({ limits: { wrongKeys: 1 } });
  const statuses: number[] = [];
  for (const forwarded of ["192.0.2.1", "192.0.2.2"]) {
    const headers = { authorization: wrong(1), "x-forwarded-for": forwarded };
    statuses.push((await get(eventsPath, headers)).status);
  }
  expect(statuses).toEqual([401, 429]);
});

describe("addresses", () => {
  test("are forgotten when there are too many of them", () => {
    const wrongKeys = new WrongKeys(1, () => 0);
    expect(wrongKeys.count("192.0.2.1")).toBe(0);
    expect(wrongKeys.count("192.0.2.1")).toBeGreaterThan(0);
    for (let index = 0; index < 30_000; index++) {
      wrongKeys.count(`10.${index >> 16}.${(index >> 8) & 255}.${index & 255}`);
    }
    expect(wrongKeys.size).toBe(10_000);
    expect(wrongKeys.count("192.0.2.1")).toBe(0);
  });

  test.each([
    ["2001:db8::1", "2001:db8:0:0:ffff::2", true],
    ["2001:db8:1:2:3:4:5:6", "2001:db8:1:2::", true],
    ["2001:db8:1:2::1", "2001:db8:1:3::1", false],
    ["::ffff:192.0.2.1", "::ffff:192.0.2.2", false],
    ["192.0.2.1", "192.0.2.2", false],
  ])("%s and %s are the same network: %s", (one, other, isSame) => {
    const wrongKeys = new WrongKeys(1, () => 0);
    wrongKeys.count(one);
    expect(wrongKeys.count(other) > 0).toBe(isSame);
  });
});

test("32 clients with wrong keys are in nobody's way", async () => {
  const { get, requests } = await startTestServer();
  const range = `from=2000-01-01T00:00:00Z&to=${new Date().toISOString().slice(0, 19)}Z`;
  const target = `${eventsPath}?per_page=100&${range}`;
  const expected = await (await get(target)).text();
  expect(expected.length).toBeGreaterThan(10_000);
  const statuses: number[] = [];
  const hammer = async (client: number) => {
    for (let index = 0; index < 40; index++) {
      const answer = await get(target, { authorization: wrong(client * 1_000 + index) });
      expect(await answer.text()).not.toContain("results");
      statuses.push(answer.status);
    }
  };
  const search = async () => {
    for (let index = 0; index < 10; index++) {
      expect(await (await get(target)).text()).toBe(expected);
    }
  };
  await Promise.all([
    ...Array.from({ length: 32 }, (_, client) => hammer(client)),
    ...Array.from({ length: 4 }, search),
  ]);
  expect(statuses).toHaveLength(32 * 40);
  expect([...new Set(statuses)].sort()).toEqual([401, 429]);
  expect(requests.filter(({ status }) => status === 200)).toHaveLength(41);
});
