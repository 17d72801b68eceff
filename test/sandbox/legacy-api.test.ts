import { describe, expect, test } from "vitest";
import { toLegacyEvents } from "../../src/events-api/legacy-event.js";
import {
  type Event,
  findTimes,
  LEGACY_PATH,
  type LegacyPage,
  makeSource,
  NOW,
  parsedEvents,
  useSandbox,
  wholeLegacyRange,
} from "./sandbox-client.js";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

const source = makeSource(3001);
const events = parsedEvents(source);
const sandbox = useSandbox(source);

const times = Array.from({ length: source.length }, (_, i) => source.timestampOf(i));
const timesOf = (page: LegacyPage): number[] =>
  page.results.map(({ timestamp }) => Date.parse(String(timestamp)));
const search = (parameters: Record<string, string>): Promise<LegacyPage> =>
  sandbox.page<LegacyPage>(LEGACY_PATH, parameters);

describe("paging", () => {
  test.each([31, 1000, 3000, 3001, 10_000])("is complete, %i at a time", async (perPage) => {
    const parameters = { ...wholeLegacyRange, per_page: String(perPage) };
    const all: LegacyPage[] = [await search(parameters)];
    for (;;) {
      const next = all.at(-1)!.links.find(({ rel }) => rel === "next");
      if (!next) break;
      all.push((await (await sandbox.get(next.href)).json()) as LegacyPage);
    }
    expect(all.length).toBe(Math.ceil(3001 / perPage));
    expect(all.flatMap(timesOf)).toEqual(times);
    expect(all.flatMap(({ results }) => results.map((event) => event.event_id))).toEqual(
      events.map((event) => event.event_id),
    );
    expect(new Set(all.map((page) => page.total_count))).toEqual(new Set([3001]));
  });

  test.each([
    [1, ["next", "last"], [2, 4]],
    [2, ["first", "previous", "next", "last"], [1, 1, 3, 4]],
    [4, ["first", "previous"], [1, 3]],
  ])("links from page %i to others", async (page, rels, pages) => {
    const parameters = { ...wholeLegacyRange, per_page: "1000", timezone: "Asia/Tokyo" };
    const { links } = await search({ ...parameters, page: String(page) });
    expect(links.map(({ rel }) => rel)).toEqual(rels);
    const targets = links.map(({ href }) => new URL(href, "http://localhost"));
    expect(targets.map((url) => Number(url.searchParams.get("page")))).toEqual(pages);
    for (const url of targets) {
      expect(url.pathname).toBe(LEGACY_PATH);
      expect(Object.fromEntries(url.searchParams)).toMatchObject(parameters);
    }
  });

  test("has nothing past the end", async () => {
    const page = await search({ ...wholeLegacyRange, page: "99" });
    expect(page.results).toEqual([]);
    expect(page.total_count).toBe(3001);
    expect(page.links.map(({ rel }) => rel)).toEqual(["first", "previous"]);
  });

  test("has no links when one page is all", async () => {
    expect((await search({ ...wholeLegacyRange, per_page: "10000" })).links).toEqual([]);
  });
});

describe("time range", () => {
  test("includes both ends, to the minute", async () => {
    const to = Math.floor(times[1000]! / MINUTE) * MINUTE;
    const from = Math.floor(times[2000]! / MINUTE) * MINUTE;
    const text = (time: number): string => new Date(time).toISOString().slice(0, 16);
    const page = await search({ from: text(from), to: text(to), per_page: "10000" });
    const expected = times.filter((time) => time >= from && time < to + MINUTE);
    expect(expected.length).toBeGreaterThan(900);
    expect(timesOf(page)).toEqual(expected);
  });

  test("takes in the last millisecond of the minute that to names", async () => {
    const edge = Date.UTC(2026, 2, 30, 8, 31);
    const edges = [edge, edge - 1, edge - MINUTE, edge - MINUTE - 1];
    const parameters = { from: "2026-03-30T08:30", to: "2026-03-30T08:30" };
    expect(await findTimes(edges, LEGACY_PATH, parameters)).toEqual([edge - 1, edge - MINUTE]);
  });

  test.each([
    ["Europe/Berlin", "2026-03-28T12:00", Date.UTC(2026, 2, 28, 11)],
    ["Europe/Berlin", "2026-03-29T12:00", Date.UTC(2026, 2, 29, 10)],
    ["America/New_York", "2026-03-29T12:00", Date.UTC(2026, 2, 29, 16)],
    ["Asia/Kolkata", "2026-03-29T12:00", Date.UTC(2026, 2, 29, 6, 30)],
    ["UTC", "2026-03-29T12:00", Date.UTC(2026, 2, 29, 12)],
  ])("is read in the zone %s at %s", async (timezone, from, time) => {
    const edges = [time + 1, time, time - 1];
    const parameters = { timezone, from, to: from };
    expect(await findTimes(edges, LEGACY_PATH, parameters)).toEqual([time + 1, time]);
  });

  test("is from 24 hours to 1 minute ago unless told otherwise, in whole minutes", async () => {
    const to = Math.floor(NOW / MINUTE) * MINUTE;
    const from = to - 24 * HOUR;
    expect(await findTimes([to, to - 1, from, from - 1], LEGACY_PATH, {})).toEqual([to - 1, from]);
  });
});

describe("events", () => {
  test.each([
    ["Europe/Berlin", "+01:00", "+02:00"],
    ["UTC", "+00:00", "+00:00"],
    ["America/St_Johns", "-02:30", "-02:30"],
  ])("show their times in the zone %s", async (timezone, before, after) => {
    const { results } = await search({ ...wholeLegacyRange, per_page: "10000", timezone });
    const change = Date.UTC(2026, 2, 29, 1);
    for (const [i, { timestamp }] of results.entries()) {
      const offset = times[i]! < change ? before : after;
      const minutes = Number(offset.slice(0, 3)) * 60 + Number(offset[0] + offset.slice(4));
      const local = new Date(times[i]! + minutes * MINUTE).toISOString().replace("Z", offset);
      expect(timestamp).toBe(local);
    }
    const injected = results.find((event) => event.type === "delivery")!.injection_time;
    expect(injected).toMatch(/^2026-03-\d\dT\d\d:\d\d:\d\d\.\d{3}[+-]\d\d:\d\d$/);
  });

  test("have objects in place of arrays inside rcpt_meta, and nowhere else", async () => {
    const { results } = await search({ ...wholeLegacyRange, per_page: "10000" });
    let deep = 0;
    for (const [i, { rcpt_meta, rcpt_tags }] of results.entries()) {
      const original = events[i]!;
      expect(rcpt_tags).toEqual(original.rcpt_tags);
      expect(rcpt_meta).toEqual(withIndexKeys(original.rcpt_meta));
      if (JSON.stringify(original.rcpt_meta)?.includes("[")) deep++;
    }
    expect(deep).toBeGreaterThan(50);
  });

  test("keep integers of 60 bits", async () => {
    const query = new URLSearchParams(wholeLegacyRange);
    const text = await (await sandbox.get(`${LEGACY_PATH}?${query}`)).text();
    expect(text).toMatch(/"order_id":\d{18,19}[,}]/);
    const { results } = JSON.parse(text) as { results: Event[] };
    expect(results.length).toBe(1000);
  });
});

describe("events with anything in them", () => {
  const numbers =
    '{"type":"open","timestamp":"2026-03-30T00:00:00.000Z","rcpt_meta":{"a":[1.10,[9007199254740993]],"__proto__":[1]},"x":[1e5]}';
  const odd = '{"type":"open","timestamp":"soon","injection_time":5,"rcpt_meta":[true]}';
  const depth = 20_000;
  const deep = `{"rcpt_meta":${"[".repeat(depth)}${"]".repeat(depth)}}`;

  test.each([
    [
      numbers,
      '{"type":"open","timestamp":"2026-03-30T02:00:00.000+02:00","rcpt_meta":{"a":{"0":1.10,"1":{"0":9007199254740993}},"__proto__":{"0":1}},"x":[1e5]}',
    ],
    [odd, '{"type":"open","timestamp":"soon","injection_time":5,"rcpt_meta":{"0":true}}'],
    [deep, `{"rcpt_meta":${'{"0":'.repeat(depth - 1)}{}${"}".repeat(depth - 1)}}`],
  ])("%#: are shown with the digits that were sent, at any depth", (json, expected) => {
    expect(toLegacyEvents([Buffer.from(json)], "Europe/Berlin").toString()).toBe(expected);
  });

  test("several, in several pieces, and none", () => {
    const json = Buffer.from(`${odd},${odd}`);
    const legacy = toLegacyEvents([json.subarray(0, 50), json.subarray(50)], "UTC").toString();
    expect(JSON.parse(`[${legacy}]`)).toHaveLength(2);
    expect(toLegacyEvents([], "UTC")).toHaveLength(0);
  });
});

function withIndexKeys(value: unknown): unknown {
  if (typeof value !== "object" || value === null) return value;
  const object: Record<string, unknown> = {};
  for (const key of Object.keys(value)) {
    object[key] = withIndexKeys((value as Record<string, unknown>)[key]);
  }
  return object;
}
