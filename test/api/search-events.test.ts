import { gzipSync } from "node:zlib";
import nock from "nock";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import type { Connection } from "../../src/api/client.js";
import { cutSearch } from "../../src/api/cut-search.js";
import { countEvents, searchEvents } from "../../src/api/search-events.js";
import { KeyRefusedError, RejectedRequestError, ServiceError } from "../../src/errors.js";
import { VirtualClock } from "../support/virtual-clock.js";

const apiKey = "0123456789abcdef0123456789abcdef01234567";
const host = "https://api.sparkpost.com";
const path = "/api/v1/events/message";
const search = { from: Date.UTC(2026, 10, 19), to: Date.UTC(2026, 10, 20) };

beforeAll(() => nock.disableNetConnect());
afterEach(() => {
  const pending = nock.pendingMocks();
  nock.cleanAll();
  expect(pending).toEqual([]);
});
afterAll(() => nock.restore());

function first() {
  return nock(host)
    .get(path)
    .query(({ cursor }) => cursor === "initial");
}

function next(cursor: string) {
  return nock(host).get(path).query({ cursor });
}

const one = { results: [{ type: "click" }], total_count: 1, links: {} };

async function collect(connection: Partial<Connection> = {}) {
  const clock = new VirtualClock();
  const waits: string[] = [];
  const types: unknown[] = [];
  for await (const { events } of searchEvents(
    {
      apiKey,
      clock,
      random: () => 0,
      onWait: ({ reason }) => waits.push(reason),
      ...connection,
    },
    search,
  )) {
    types.push(...events.map(({ type }) => type));
  }
  return { types, waits, sleeps: clock.sleeps };
}

async function failure(connection: Partial<Connection> = {}): Promise<Error> {
  return collect(connection).then(
    () => expect.fail("nothing was thrown"),
    (error: Error) => error,
  );
}

describe("a search with too many values for one request", () => {
  const recipients = Array.from({ length: 300 }, (_, index) => `recipient-${index}@example.com`);
  const long = { ...search, filters: { recipients } };

  test("is counted in parts", async () => {
    const asked: string[] = [];
    nock(host)
      .get(path)
      .query(({ recipients: list }) => asked.push(...String(list).split(",")) > 0)
      .times(3)
      .reply(200, { ...one, total_count: 7 });
    const count = await countEvents({ apiKey, concurrency: 1, clock: new VirtualClock() }, long);
    expect(count).toBe(21);
    expect(new Set(asked)).toEqual(new Set(recipients));
  });

  test("is refused as one, before any request, and can be cut", async () => {
    const pages = searchEvents({ apiKey, clock: new VirtualClock() }, long);
    await expect(pages.next()).rejects.toThrow("The filters have too many values for one request.");
    const parts = cutSearch(long);
    expect(parts.flatMap(({ filters }) => filters.recipients)).toEqual(recipients);
  });
});

describe("the request", () => {
  test("has the key verbatim and the range in UTC", async () => {
    nock(host, { reqheaders: { authorization: apiKey, accept: "application/json" } })
      .get(path)
      .query({
        cursor: "initial",
        from: "2026-11-19T00:00:00Z",
        to: "2026-11-20T00:00:00Z",
        per_page: "10000",
      })
      .reply(200, one);
    expect((await collect()).types).toEqual(["click"]);
  });

  test("to count has one event a page", async () => {
    nock(host)
      .get(path)
      .query(({ per_page }) => per_page === "1")
      .reply(200, { ...one, total_count: 12_345, links: { next: `${path}?cursor=2` } });
    expect(await countEvents({ apiKey, clock: new VirtualClock() }, search)).toBe(12_345);
  });
});

describe("next links", () => {
  const shapes: Record<string, (url: string) => unknown> = {
    "an object": (url) => ({ next: url }),
    "an array": (url) => [
      { href: `${path}?cursor=first`, rel: "first" },
      { href: url, rel: "next" },
      { href: `${path}?cursor=last`, rel: "last" },
    ],
  };
  for (const [shape, links] of Object.entries(shapes)) {
    for (const [kind, base] of Object.entries({ relative: "", absolute: host })) {
      test(`in ${shape}, ${kind}, are followed to the end`, async () => {
        first().reply(200, {
          results: [{ type: "a" }],
          total_count: 3,
          links: links(`${base}${path}?cursor=2`),
        });
        next("2").reply(200, {
          results: [{ type: "b" }],
          total_count: 3,
          links: links(`${base}${path}?cursor=3`),
        });
        next("3").reply(200, {
          results: [{ type: "c" }],
          total_count: 3,
          links: shape === "an array" ? [] : {},
        });
        expect((await collect()).types).toEqual(["a", "b", "c"]);
      });
    }
  }

  test.each([
    "https://evil.example/api/v1/events/message?cursor=2",
    "http://api.sparkpost.com/api/v1/events/message?cursor=2",
    "https://api.sparkpost.com:8443/api/v1/events/message?cursor=2",
    "//evil.example/api/v1/events/message?cursor=2",
    "https://api.sparkpost.com@evil.example/?cursor=2",
  ])("that lead elsewhere (%s) are an error, and nothing is sent there", async (link) => {
    const elsewhere = nock(new URL(link, host).origin)
      .get(/.*/)
      .query(({ cursor }) => cursor === "2")
      .reply(200, one);
    first().reply(200, { ...one, total_count: 2, links: { next: link } });
    const error = await failure();
    expect(error).toBeInstanceOf(ServiceError);
    expect(error.message).toMatch(/the API key is not sent there/);
    expect(elsewhere.isDone()).toBe(false);
    nock.cleanAll();
  });

  test("that repeat a cursor are an error, not an endless loop", async () => {
    const links = { next: `${path}?cursor=2` };
    first().reply(200, { ...one, total_count: 9, links });
    next("2").reply(200, { ...one, total_count: 9, links });
    expect(await failure()).toBeInstanceOf(ServiceError);
  });
});

describe("redirects", () => {
  test("on the same origin are followed, with the key", async () => {
    first().reply(307, "", { location: "/moved" });
    nock(host, { reqheaders: { authorization: apiKey } })
      .get("/moved")
      .reply(200, one);
    expect((await collect()).types).toEqual(["click"]);
  });

  test("elsewhere are an error, and nothing is sent there", async () => {
    const elsewhere = nock("https://evil.example").get("/").reply(200, one);
    first().reply(302, "", { location: "https://evil.example/" });
    expect((await failure()).message).toMatch(
      /^A redirect of https:\/\/api\.sparkpost\.com leads to https:\/\/evil\.example/,
    );
    expect(elsewhere.isDone()).toBe(false);
    nock.cleanAll();
  });

  test("in a circle end", async () => {
    nock(host).get(/.*/).times(6).reply(302, "", { location: "/again" });
    expect((await failure()).message).toBe("api.sparkpost.com redirects in a circle.");
  });
});

describe("answers that another try may mend", () => {
  test.each<[string, number, string | object, string]>([
    [
      "a rate limit",
      429,
      { errors: [{ message: "Too many requests" }] },
      "rate limit (429: Too many requests)",
    ],
    ["a rate limit without a body", 429, "", "rate limit (429: Too many requests)"],
    [
      "a 500",
      500,
      { errors: [{ message: "Oops", description: "try later" }] },
      "status 500: Oops: try later",
    ],
    [
      "a 502 as rate limit",
      502,
      { errors: [{ message: "Could not proceed (502 error)" }] },
      "status 502: Could not proceed (502 error)",
    ],
    [
      "a proxy's HTML",
      503,
      "<html><head><title>x</title></head><body><h1>Service\nUnavailable</h1></body></html>",
      "status 503: Service Unavailable",
    ],
    ["a 504 without a body", 504, "", "status 504"],
    ["an empty body", 200, "", "the answer is not whole JSON"],
    ["a cut body", 200, JSON.stringify(one).slice(0, -5), "the answer is not whole JSON"],
    ["HTML", 200, "<html></html>", "the answer is not whole JSON"],
    ["JSON that is no object", 200, "[]", "the answer is not a JSON object"],
    ["errors with status 200", 200, { errors: [{ message: "x" }] }, "the answer has no results"],
    ["results that are no array", 200, { ...one, results: {} }, "the answer has no results"],
    [
      "results that are no events",
      200,
      { ...one, results: [1] },
      "the answer holds results that are not events",
    ],
    ["no count", 200, { results: [], links: {} }, "the answer has no total_count"],
    [
      "a count that is none",
      200,
      { ...one, total_count: "many" },
      "the answer's total_count is not a number of events",
    ],
    [
      "links that are none",
      200,
      { ...one, links: "none" },
      "the answer's links are neither an object nor an array",
    ],
    [
      "a link that is none",
      200,
      { ...one, links: { next: 2 } },
      "the answer's next link is not a link",
    ],
  ])("%s", async (_, status, body, reason) => {
    first().reply(status, body);
    first().reply(200, one);
    expect(await collect()).toEqual({ types: ["click"], waits: [reason], sleeps: [1_000] });
  });

  test("a connection that is reset", async () => {
    first().replyWithError(Object.assign(new Error("read ECONNRESET"), { code: "ECONNRESET" }));
    first().reply(200, one);
    expect((await collect()).waits).toEqual(["the connection was reset"]);
  });

  test("a gzipped body that is cut", async () => {
    const whole = gzipSync(JSON.stringify(one));
    const headers = { "content-encoding": "gzip" };
    first().reply(200, whole.subarray(0, -12), headers);
    first().reply(200, whole, headers);
    expect((await collect()).types).toEqual(["click"]);
  });

  test("silence", async () => {
    first().delay(60_000).reply(200, one);
    first().reply(200, one);
    expect((await collect({ timeout: 50 })).waits).toEqual(["no answer for 0.05 s"]);
  });
});

describe("waits", () => {
  test("grow from 1 s to 60 s", async () => {
    first().times(9).reply(503);
    first().reply(200, one);
    expect((await collect()).sleeps).toEqual(
      [1, 2, 4, 8, 16, 32, 60, 60, 60].map((seconds) => seconds * 1_000),
    );
  });

  test.each<[string, Record<string, string>, number]>([
    ["seconds", { "retry-after": "7" }, 7_000],
    ["nothing", {}, 1_000],
    ["less than a second", { "retry-after": "0" }, 1_000],
    ["nonsense", { "retry-after": "soon" }, 1_000],
    ["a date", { "retry-after": "Fri, 20 Nov 2026 12:00:30 GMT" }, 30_000],
    ["a date that has passed", { "retry-after": "Fri, 20 Nov 2026 11:00:00 GMT" }, 1_000],
    [
      "a date, by a clock that differs from ours",
      { "retry-after": "Fri, 20 Nov 2026 15:00:05 GMT", date: "Fri, 20 Nov 2026 15:00:00 GMT" },
      5_000,
    ],
  ])("are as Retry-After says: %s", async (_, headers, milliseconds) => {
    first().reply(429, "", headers);
    first().reply(200, one);
    expect((await collect()).sleeps).toEqual([milliseconds]);
  });

  test("end when nothing has succeeded for too long, after a last try", async () => {
    first().times(4).reply(503);
    const clock = new VirtualClock();
    const error = await failure({ clock, giveUpAfter: 5_000 });
    expect(error).toBeInstanceOf(ServiceError);
    expect(error.message).toBe("api.sparkpost.com kept failing for 5 s (4 tries): status 503.");
    expect(clock.sleeps).toEqual([1_000, 2_000, 2_000]);
  });

  test("are never longer than that", async () => {
    first().times(2).reply(429, "", { "retry-after": "86400" });
    const clock = new VirtualClock();
    await failure({ clock, giveUpAfter: 60_000 });
    expect(clock.sleeps).toEqual([60_000]);
  });

  test("start anew after a success", async () => {
    first().times(2).reply(503);
    first().reply(200, { ...one, total_count: 2, links: { next: `${path}?cursor=2` } });
    next("2").times(2).reply(503);
    next("2").reply(200, { ...one, total_count: 2 });
    expect((await collect({ giveUpAfter: 4_000 })).sleeps).toEqual([1_000, 2_000, 1_000, 2_000]);
  });

  test("end at once when the caller aborts", async () => {
    first().reply(503);
    const controller = new AbortController();
    const reason = new Error("enough");
    const error = await failure({
      signal: controller.signal,
      onWait: () => controller.abort(reason),
    });
    expect(error).toBe(reason);
  });
});

describe("answers that are final", () => {
  test.each([
    [400, RejectedRequestError],
    [401, KeyRefusedError],
    [403, KeyRefusedError],
    [404, RejectedRequestError],
    [405, RejectedRequestError],
    [414, RejectedRequestError],
  ])("%i is not tried again, and quotes SparkPost", async (status, type) => {
    first().reply(status, { errors: [{ message: "its own words" }] });
    const error = await failure();
    expect(error).toBeInstanceOf(type);
    expect(error.message).toContain(`(${status}: its own words)`);
  });

  test("the other region's host is named", async () => {
    first().reply(401, "");
    const us = (await failure()) as KeyRefusedError;
    expect(us.hint).toContain("for an EU key, set Host = api.eu.sparkpost.com");
    nock("https://api.eu.sparkpost.com").get(/.*/).reply(403, "");
    const eu = (await failure({ host: "api.eu.sparkpost.com" })) as KeyRefusedError;
    expect(eu.hint).toContain("for a US key, set Host = api.sparkpost.com");
  });

  test("no message repeats the key, even where the server does", async () => {
    for (const status of [400, 401]) {
      first().reply(status, `no such key: ${apiKey}`);
      const error = await failure();
      expect(error.message).toContain("no such key: [API key]");
      expect(
        JSON.stringify([error.message, (error as KeyRefusedError).hint, error.stack]),
      ).not.toContain(apiKey);
    }
  });

  test("control characters of the server do not reach the terminal", async () => {
    first().reply(400, "\u001b[31mred\u001b[0m\r\nline\u202e");
    expect((await failure()).message).toContain("(400: [31mred [0m line)");
  });
});

test("a certificate that cannot be trusted is final", async () => {
  const cause = Object.assign(new Error("self-signed certificate"), {
    code: "DEPTH_ZERO_SELF_SIGNED_CERT",
  });
  first().replyWithError(cause);
  expect((await failure()).message).toBe(
    "The TLS certificate of api.sparkpost.com cannot be trusted: self-signed certificate.",
  );
});
