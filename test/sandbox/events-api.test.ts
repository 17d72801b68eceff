import { describe, expect, test } from "vitest";
import { withLateEvents } from "../support/late-events.js";
import {
  EVENTS_PATH,
  type Event,
  findTimes,
  makeSource,
  NOW,
  type Page,
  parsedEvents,
  useSandbox,
  wholeRange,
} from "./sandbox-client.js";

const DAY = 24 * 60 * 60 * 1000;

const source = makeSource(6001);
const events = parsedEvents(source);
const sandbox = useSandbox(source);

const timeOf = ({ timestamp }: Event): number => Date.parse(String(timestamp));
const utc = (time: number): string => new Date(time).toISOString().replace(/\.\d+/, "");
const search = (parameters: Record<string, string>): Promise<Page> =>
  sandbox.page<Page>(EVENTS_PATH, parameters);

describe("paging", () => {
  test.each([17, 1000, 5999, 6000, 6001, 10_000])("is complete, %i at a time", async (perPage) => {
    const pages = await sandbox.pages({ ...wholeRange, per_page: String(perPage) });
    expect(pages.flatMap(({ results }) => results)).toEqual(events);
    expect(pages.length).toBe(Math.ceil(6001 / perPage));
    expect(pages.slice(0, -1).every(({ results }) => results.length === perPage)).toBe(true);
    expect(new Set(pages.map((page) => page.total_count))).toEqual(new Set([6001]));
  });

  test("gives 1000 events unless told otherwise", async () => {
    expect((await search(wholeRange)).results.length).toBe(1000);
  });

  test("links to the next page by a relative path with all the parameters", async () => {
    const parameters = {
      ...wholeRange,
      per_page: "10",
      delimiter: ";",
      events: "injection;open",
      campaigns: "Herbst-Angebot, Österreich;a&b=c+d%2C",
    };
    const { next } = (await search({ ...parameters, cursor: "initial" })).links;
    expect(next).toMatch(/^\/api\/v1\/events\/message\?/);
    const { cursor, ...rest } = Object.fromEntries(new URL(next!, "http://localhost").searchParams);
    expect(rest).toEqual(parameters);
    expect(cursor).toMatch(/^[\w-]{20,}$/);
    expect((await (await sandbox.get(next!)).json()) as Page).toMatchObject({
      results: { length: 10 },
    });
  });

  test("has an empty object for links on the last page", async () => {
    expect((await sandbox.pages({ ...wholeRange, per_page: "4000" })).map((p) => p.links)).toEqual([
      { next: expect.any(String) },
      {},
    ]);
  });

  test("keeps to the default time range of its first page while the clock moves on", async () => {
    const first = await search({ per_page: "50" });
    sandbox.clock.now = NOW + 5 * 60_000;
    const second = (await (await sandbox.get(first.links.next!)).json()) as Page;
    sandbox.clock.now = NOW;
    expect(second.total_count).toBe(first.total_count);
    const start = events.findIndex(({ event_id }) => event_id === first.results[0]!.event_id);
    expect([...first.results, ...second.results]).toEqual(events.slice(start, start + 100));
  });

  test.each(["nonsense", "!!", Buffer.from("1 2 3 x").toString("base64url")])(
    "refuses the cursor %s",
    async (cursor) => {
      const response = await sandbox.get(`${EVENTS_PATH}?cursor=${cursor}`);
      expect(response.status).toBe(400);
      expect(await response.text()).toContain("cursor is not valid");
    },
  );

  test("refuses the cursor of another query", async () => {
    const { next } = (await search({ ...wholeRange, per_page: "10" })).links;
    expect((await sandbox.get(`${next}&events=open`)).status).toBe(400);
    expect((await sandbox.get(next!.replace("per_page=10", "per_page=11"))).status).toBe(200);
  });
});

describe("time range", () => {
  const middle = events[3000]!;
  const second = Math.floor(timeOf(middle) / 1000) * 1000;

  test("includes from, to the millisecond", async () => {
    const { results } = await search({ from: utc(second), to: wholeRange.to, per_page: "10000" });
    expect(results).toEqual(events.filter((event) => timeOf(event) >= second));
  });

  test("excludes to, to the millisecond", async () => {
    const { results } = await search({ from: wholeRange.from, to: utc(second), per_page: "10000" });
    expect(results).toEqual(events.filter((event) => timeOf(event) < second));
  });

  test("includes an event exactly at from and excludes one exactly at to", async () => {
    const time = NOW - DAY - (NOW % 1000);
    const times = [time + 1, time, time, time - 1];
    const find = (from: number, to: number): Promise<number[]> =>
      findTimes(times, EVENTS_PATH, { from: utc(from), to: utc(to) });
    expect(await find(time, time + 1000)).toEqual([time + 1, time, time]);
    expect(await find(time - 1000, time)).toEqual([time - 1]);
  });

  test("may leave out the seconds", async () => {
    const minute = utc(Math.floor(second / 60_000) * 60_000);
    const short = minute.replace(":00Z", "Z");
    expect((await search({ from: short, to: wholeRange.to })).total_count).toBe(
      (await search({ from: minute, to: wholeRange.to })).total_count,
    );
  });

  test("is from 24 hours to 1 minute ago unless told otherwise", async () => {
    const [from, to] = [NOW - DAY, NOW - 60_000];
    expect(await findTimes([to, to - 1, from, from - 1], EVENTS_PATH, {})).toEqual([to - 1, from]);
  });

  test("may be empty, but not turned round", async () => {
    const parameters = { from: "2026-03-30T00:00:00Z", to: "2026-03-30T00:00:00Z" };
    expect((await search(parameters)).total_count).toBe(0);
    const query = new URLSearchParams({ ...parameters, from: "2026-03-30T00:00:01Z" });
    expect((await sandbox.get(`${EVENTS_PATH}?${query}`)).status).toBe(400);
  });

  test("does not reach back beyond 10 days", async () => {
    expect((await search(wholeRange)).total_count).toBe(6001);
    for (const later of [2 * 60 * 60 * 1000, 5 * DAY]) {
      sandbox.clock.now = NOW + later;
      const kept = events.filter((event) => timeOf(event) >= NOW + later - 10 * DAY);
      const unfiltered = await search({ ...wholeRange, per_page: "10000" });
      expect(unfiltered.results).toEqual(kept);
      const filtered = await search({ ...wholeRange, events: "injection" });
      expect(filtered.total_count).toBe(kept.filter(({ type }) => type === "injection").length);
    }
    sandbox.clock.now = NOW;
  });

  test("does not reach into the future", async () => {
    sandbox.clock.now = NOW - 3 * DAY;
    const { results } = await search({ ...wholeRange, per_page: "10000" });
    expect(results).toEqual(events.filter((event) => timeOf(event) <= NOW - 3 * DAY));
    sandbox.clock.now = NOW;
  });
});

describe("events that arrive late", () => {
  const late = withLateEvents(source, { share: 0.2, longest: 2 * DAY, seed: 5 });
  const server = useSandbox(late);
  const thereAt = (now: number) =>
    events.filter((_, index) => late.timestampOf(index) <= now && late.availableAt(index) <= now);

  test.each([{}, { events: "injection,delivery,open" }])(
    "are found once they are there: %o",
    async (filter: Record<string, string>) => {
      const wanted = filter.events?.split(",");
      const counts = new Set<number>();
      for (const now of [NOW - 2 * DAY, NOW - DAY, NOW]) {
        server.clock.now = now;
        const pages = await server.pages({ ...wholeRange, per_page: "500", ...filter });
        const expected = thereAt(now).filter(({ type }) => wanted?.includes(String(type)) ?? true);
        expect(pages.flatMap(({ results }) => results)).toEqual(expected);
        expect(new Set(pages.map((page) => page.total_count))).toEqual(new Set([expected.length]));
        counts.add(expected.length);
      }
      expect(counts.size).toBe(3);
    },
  );

  test("do not turn up twice when they arrive between two pages", async () => {
    const parameters = { ...wholeRange, per_page: "1000", cursor: "initial" };
    server.clock.now = NOW - DAY;
    const first = await server.page<Page>(EVENTS_PATH, parameters);
    server.clock.now = NOW;
    const second = (await (await server.get(first.links.next!)).json()) as Page;
    const ids = [...first.results, ...second.results].map((event) => JSON.stringify(event));
    expect(new Set(ids).size).toBe(2000);
  });
});

test("event types can be chosen", async () => {
  const { results } = await search({ ...wholeRange, per_page: "10000", events: "bounce,delay" });
  expect(results).toEqual(events.filter(({ type }) => type === "bounce" || type === "delay"));
});
