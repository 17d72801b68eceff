import { describe, expect, test } from "vitest";
import { defaultLimits } from "../../src/serve/limits.js";
import { serverRoutes } from "../../src/serve/routes.js";
import { madeUpEvents, searchOf, startTestServer, storeOf } from "../support/test-server.js";

const routes = serverRoutes(storeOf(searchOf(madeUpEvents(10))), {
  limits: defaultLimits,
  now: Date.now,
});
const open = ["/.well-known/sparky-events", "/healthz"];

test("nothing is open but what is meant to be", () => {
  const paths = routes.filter(({ access }) => access === "everybody").map(({ path }) => path);
  expect(paths.sort()).toEqual(open);
  expect(routes.length).toBeGreaterThan(open.length);
  expect(new Set(routes.map(({ path }) => path)).size).toBe(routes.length);
});

describe.each(routes)("$method $path", ({ path, access }) => {
  test("answers those only who may call it", async () => {
    const { url, keys } = await startTestServer();
    const statusOf = async (authorization?: string) => {
      const response = await fetch(url + path, {
        headers: authorization === undefined ? {} : { authorization },
      });
      if (response.status >= 400) {
        expect(response.headers.get("content-type")).toBe("application/json");
        expect(await response.json()).toEqual({ errors: [{ message: expect.any(String) }] });
      }
      return response.status;
    };
    const isOpen = access === "everybody";
    for (const wrong of [undefined, "", "Bearer", "0".repeat(40), "<script>", `${keys.search}x`]) {
      expect(await statusOf(wrong)).toBe(isOpen ? 200 : 401);
    }
    expect(await statusOf(keys.support)).toBe(isOpen ? 200 : 403);
    expect(await statusOf(keys.reports)).toBe(isOpen ? 200 : 403);
    expect(await statusOf(keys.search)).toBe(200);
    expect(await statusOf(`Bearer ${keys.search}`)).toBe(200);
    expect(await statusOf(`bearer  ${keys.admin}`)).toBe(200);
  });

  test("is read only, and answers HEAD", async () => {
    const { url, keys } = await startTestServer();
    const headers = { authorization: keys.admin };
    for (const method of ["POST", "PUT", "DELETE", "OPTIONS", "PATCH"]) {
      const response = await fetch(url + path, { method, headers });
      expect([response.status, response.headers.get("allow")]).toEqual([405, "GET, HEAD"]);
    }
    const head = await fetch(url + path, { method: "HEAD", headers });
    expect([head.status, await head.text()]).toEqual([200, ""]);
  });
});

test("no other path tells anything", async () => {
  const { get } = await startTestServer();
  for (const path of ["/", "/api", "/healthz/", "//healthz", "/api/v1/events/message/%2e%2e"]) {
    const response = await get(path);
    expect(response.status).toBe(404);
    expect(await response.json()).toEqual({
      errors: [{ message: "Resource could not be found" }],
    });
  }
});

test("keys stop working when they are removed, and begin when they are added", async () => {
  const { addKey, removeKey } = await import("../../src/access/change-access.js");
  const { systemClock } = await import("../../src/clock.js");
  const { access, get } = await startTestServer();
  const target = "/api/v1/events/message/samples";
  const added = await addKey(access, { name: "late", role: "search" }, systemClock);
  expect((await get(target, { authorization: added })).status).toBe(200);
  await removeKey(access, "late", systemClock);
  expect((await get(target, { authorization: added })).status).toBe(401);
});

test("everybody is told that nothing is forgotten, and whether the store is there", async () => {
  let isThere = true;
  const check = async () => {
    if (!isThere) {
      throw new Error("connect ECONNREFUSED postgres://secret");
    }
  };
  let time = Date.now();
  const clock = { now: () => time, sleep: async () => {} };
  const { get } = await startTestServer({ check, clock });
  const anonymous = { authorization: "" };
  const known = await get("/.well-known/sparky-events", anonymous);
  expect(await known.json()).toEqual({
    retention: "unlimited",
    coverage: "/.well-known/sparky-events/coverage",
  });
  expect((await get("/healthz", anonymous)).status).toBe(200);
  isThere = false;
  time += 2_000;
  const unhealthy = await get("/healthz", anonymous);
  expect([unhealthy.status, await unhealthy.text()]).toEqual([503, '{"status":"unavailable"}']);
  isThere = true;
  time += 2_000;
  expect((await get("/healthz", anonymous)).status).toBe(200);
});
