import { once } from "node:events";
import { connect } from "node:net";
import { expect, onTestFinished, test } from "vitest";
import { ServiceError } from "../../src/errors.js";
import type { EventSearch } from "../../src/events-api/event-search.js";
import {
  eventsPath,
  HeldSearch,
  madeUpEvents,
  searchOf,
  startTestServer,
} from "../support/test-server.js";

const until = async (isSo: () => boolean): Promise<void> => {
  while (!isSo()) {
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
};

/** What a server sends to somebody who sends these bytes, until it ends the connection. */
async function raw(url: string, text: string): Promise<string> {
  const socket = connect(Number(new URL(url).port), "127.0.0.1");
  onTestFinished(() => void socket.destroy());
  let received = "";
  socket.setEncoding("latin1").on("data", (data) => {
    received += data;
  });
  socket.on("error", () => {});
  socket.write(text);
  await once(socket, "close");
  return received;
}

test("a page has no more events than the limit", async () => {
  const { get } = await startTestServer({ limits: { perPage: 20 } });
  expect(((await (await get(eventsPath)).json()) as { results: [] }).results).toHaveLength(20);
  expect((await get(`${eventsPath}?per_page=20`)).status).toBe(200);
  const refused = await get(`${eventsPath}?per_page=21`);
  expect([refused.status, await refused.text()]).toEqual([
    400,
    expect.stringContaining("from 1 to 20"),
  ]);
});

test.each([true, false])(
  "a search that takes too long is cancelled; it ends then: %s",
  async (heedsSignal) => {
    const search = new HeldSearch(madeUpEvents(50), heedsSignal);
    const limits = { queryTime: 50, searches: 1, waiting: 50 };
    const { get, failures } = await startTestServer({ search, limits });
    const response = await get(eventsPath);
    expect(response.status).toBe(503);
    expect(response.headers.get("retry-after")).toBe("10");
    expect(await response.text()).toContain("The search took longer than");
    expect(search.searches).toEqual([{ isOver: heedsSignal, isCancelled: true }]);
    expect(failures).toEqual([]);
    if (!heedsSignal) {
      // Its place is not free before it has ended.
      const next = await get(eventsPath);
      expect([next.status, await next.text()]).toEqual([
        503,
        expect.stringContaining("too many searches at once"),
      ]);
      expect(search.searches).toHaveLength(1);
      search.release();
    }
    const later = get(eventsPath);
    await until(() => search.searches.length === 2);
    search.release();
    expect((await later).status).toBe(200);
  },
);

test("searches beyond the limit wait, and are refused where that takes too long", async () => {
  const search = new HeldSearch(madeUpEvents(50));
  const { get } = await startTestServer({ search, limits: { searches: 2, waiting: 60_000 } });
  const answers = Array.from({ length: 6 }, () => get(eventsPath));
  for (const begun of [2, 4, 6]) {
    await until(() => search.searches.length >= begun);
    expect(search.searches).toHaveLength(begun);
    search.release();
  }
  expect((await Promise.all(answers)).map(({ status }) => status)).toEqual(Array(6).fill(200));
});

test("a client that goes away cancels its search, and makes room", async () => {
  const search = new HeldSearch(madeUpEvents(50));
  const { url, keys, get, requests } = await startTestServer({ search, limits: { searches: 1 } });
  const gone = new AbortController();
  const request = fetch(url + eventsPath, {
    headers: { authorization: keys.search },
    signal: gone.signal,
  }).catch(() => {});
  await until(() => search.searches.length === 1);
  gone.abort();
  await request;
  await until(() => requests.length === 1);
  expect(search.searches).toEqual([{ isOver: true, isCancelled: true }]);
  expect(requests[0]).toMatchObject({ status: 499, sent: false, key: "my-search" });
  const next = get(eventsPath);
  await until(() => search.searches.length === 2);
  search.release();
  expect((await next).status).toBe(200);
});

test("a client that does not read is cut off, and gives its place to another", async () => {
  const search = searchOf(madeUpEvents(20_000));
  const { url, keys, get, requests } = await startTestServer({
    search,
    limits: { stallTime: 100, answers: 1 },
  });
  const target = `${eventsPath}?per_page=10000&from=2000-01-01T00:00:00Z`;
  const socket = connect(Number(new URL(url).port), "127.0.0.1");
  onTestFinished(() => void socket.destroy());
  socket.on("error", () => {});
  socket.write(`GET ${target} HTTP/1.1\r\nHost: a\r\nAuthorization: ${keys.search}\r\n\r\n`);
  // Nothing is read from the socket.
  const other = await get(`${eventsPath}?per_page=1`);
  expect(other.status).toBe(200);
  await until(() => requests.length === 2);
  expect(requests[0]).toMatchObject({ status: 200, sent: false, events: 10_000 });
});

test("a client that reads slowly has so long and no longer", async () => {
  const search = searchOf(madeUpEvents(20_000));
  const { url, keys, requests } = await startTestServer({
    search,
    limits: { stallTime: 60_000, sendTime: 300 },
  });
  const target = `${eventsPath}?per_page=10000&from=2000-01-01T00:00:00Z`;
  const socket = connect(Number(new URL(url).port), "127.0.0.1");
  onTestFinished(() => void socket.destroy());
  socket.on("error", () => {});
  socket.write(`GET ${target} HTTP/1.1\r\nHost: a\r\nAuthorization: ${keys.search}\r\n\r\n`);
  const sip = setInterval(() => socket.read(1_000), 10);
  onTestFinished(() => clearInterval(sip));
  await until(() => requests.length === 1);
  expect(requests[0]).toMatchObject({ status: 200, sent: false });
});

test("a request that is sent too slowly is ended", async () => {
  const { url } = await startTestServer({ limits: { headersTime: 200, requestTime: 400 } });
  expect(await raw(url, "GET /healthz HTTP/1.1\r\nHost: a\r\nX: ")).toMatch(/^HTTP\/1.1 408 /);
  const bodyComes = "GET /healthz HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\n12345";
  await raw(url, bodyComes);
});

test("headers and addresses have a size", async () => {
  const { url, get } = await startTestServer();
  const header = `GET /healthz HTTP/1.1\r\nHost: a\r\nX: ${"x".repeat(40_000)}\r\n\r\n`;
  expect(await raw(url, header)).toMatch(/^HTTP\/1.1 431 /);
  expect((await get(`${eventsPath}?campaigns=${"x".repeat(5_000)}`)).status).toBe(414);
  expect((await get("/healthz")).status).toBe(200);
});

test("a body that nobody asked for has a size too", async () => {
  const long = 3_600_000;
  const { url, get } = await startTestServer({ limits: { headersTime: long, requestTime: long } });
  const start = "GET /healthz HTTP/1.1\r\nHost: a\r\n";
  expect(await raw(url, `${start}Content-Length: 9000000\r\n\r\n`)).toMatch(/^HTTP\/1.1 413 /);
  const chunk = `2000\r\n${"x".repeat(0x2000)}\r\n`;
  // It would be taken for an hour.
  await raw(url, `${start}Transfer-Encoding: chunked\r\n\r\n${chunk.repeat(20)}`);
  const small = `${start}Content-Length: 3\r\nConnection: close\r\n\r\nabc`;
  expect(await raw(url, small)).toMatch(/^HTTP\/1.1 200 /);
  expect((await get("/healthz")).status).toBe(200);
});

test("what nobody expected has an id for the client, and its cause for the log", async () => {
  const causes = [new TypeError("secret of the database"), new ServiceError("It is gone.")];
  const search: EventSearch = { find: async () => Promise.reject(causes[failures.length]) };
  const { get, failures } = await startTestServer({ search });
  const first = await get(eventsPath);
  const second = await get(eventsPath);
  expect([first.status, second.status]).toEqual([500, 503]);
  expect(second.headers.get("retry-after")).toBe("10");
  const texts = [await first.text(), await second.text()];
  expect(texts.join()).not.toMatch(/secret|gone/);
  expect(failures.map(({ cause }) => cause)).toEqual(causes);
  for (const [index, { id }] of failures.entries()) {
    expect(JSON.parse(texts[index] ?? "")).toMatchObject({
      errors: [{ description: `The log has the cause, as ${id}.` }],
    });
  }
});

test("ending lets an answer come to its end, and takes no new request", async () => {
  const search = new HeldSearch(madeUpEvents(50));
  const { url, get, close, requests } = await startTestServer({ search });
  // A connection that is kept alive is in nobody's way.
  await (await get("/healthz")).text();
  const answer = get(eventsPath);
  await until(() => search.searches.length === 1);
  const closed = close();
  await expect(fetch(`${url}/healthz`)).rejects.toThrow();
  search.release();
  const response = await answer;
  expect(response.status).toBe(200);
  expect(response.headers.get("connection")).toBe("close");
  expect(((await response.json()) as { results: [] }).results.length).toBeGreaterThan(0);
  await closed;
  expect(requests.at(-1)).toMatchObject({ status: 200, sent: true });
});

test("ending waits for so long and no longer", async () => {
  const search = new HeldSearch(madeUpEvents(50));
  const { get, close } = await startTestServer({ search, limits: { drainTime: 50 } });
  const answer = get(eventsPath).then(
    () => "answered",
    () => "cut off",
  );
  await until(() => search.searches.length === 1);
  await close();
  expect(await answer).toBe("cut off");
  expect(search.searches).toEqual([{ isOver: true, isCancelled: true }]);
});
