import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { eventProperties, eventTypes } from "../../src/catalog/event-catalog.js";
import type { EventSource } from "../../src/sandbox/event-source.js";
import { generateEvents } from "../../src/sandbox/generated-events.js";
import { stringifyJson } from "../../src/sandbox/json-text.js";
import { type Event, jsonOf, makeSource, NOW, parsedEvents } from "./sandbox-client.js";

const HOUR = 60 * 60 * 1000;

const source = makeSource(30_000);
const events = parsedEvents(source);
const text = jsonOf(source);

const timesOf = (source: EventSource): number[] =>
  Array.from({ length: source.length }, (_, i) => source.timestampOf(i));

describe("the number of events", () => {
  test.each([0, 1, 2, 3, 10, 499, 500, 501, 12_345])("is exactly %i", (count) => {
    const few = makeSource(count);
    expect(few.length).toBe(count);
    expect(JSON.parse(`[${jsonOf(few)}]`).length).toBe(count);
  });
});

describe("the order and the times", () => {
  test("are newest first", () => {
    const times = timesOf(source);
    expect(times).toEqual(times.toSorted((a, b) => b - a));
    expect(events.map(({ timestamp }) => Date.parse(String(timestamp)))).toEqual(times);
  });

  test("stay within 10 days less an hour, whatever the seed and the time", () => {
    fc.assert(
      fc.property(fc.integer(), fc.integer({ min: 1e12, max: 2e12 }), (seed, now) => {
        const times = timesOf(generateEvents({ events: 2000, seed, now }));
        expect(times[0]).toBeLessThan(now);
        expect(times.at(-1)).toBeGreaterThanOrEqual(now - 239 * HOUR);
      }),
      { numRuns: 50 },
    );
  });

  test("have thousands of events in one second", () => {
    const perSecond = new Map<number, number>();
    for (const time of timesOf(makeSource(100_000))) {
      const second = Math.floor(time / 1000);
      perSecond.set(second, (perSecond.get(second) ?? 0) + 1);
    }
    expect([...perSecond.values()].filter((count) => count >= 1000).length).toBeGreaterThan(2);
    expect(Math.max(...perSecond.values())).toBeGreaterThan(3000);
  });

  test("are busier by day than by night", () => {
    const inHours = (from: number, to: number): number =>
      timesOf(source).filter((time) => {
        const hour = new Date(time).getUTCHours();
        return hour >= from && hour < to;
      }).length;
    expect(inHours(8, 12)).toBeGreaterThan(5 * inHours(1, 5));
  });

  test("run through each message's life in turn", () => {
    const byMessage = new Map<unknown, Event[]>();
    for (const event of events) {
      if (event.message_id === undefined) continue;
      byMessage.set(event.message_id, [...(byMessage.get(event.message_id) ?? []), event]);
    }
    let delivered = 0;
    for (const life of byMessage.values()) {
      const types = life.map(({ type }) => String(type)).reverse();
      if (types.includes("policy_rejection")) expect(types).toEqual(["policy_rejection"]);
      else expect(types).toContain("injection");
      if (types.some((type) => /open|click|unsub|spam|out_of_band/.test(type))) {
        expect(types).toContain("delivery");
      }
      const [injection, delivery] = ["injection", "delivery"].map((wanted) =>
        life.find(({ type }) => type === wanted),
      );
      if (!injection || !delivery) continue;
      delivered++;
      const [start, end] = [injection, delivery].map((event) =>
        Date.parse(String(event.timestamp)),
      );
      expect(delivery.queue_time).toBe(String(end! - start!));
      expect(Date.parse(String(delivery.injection_time))).toBe(start);
      expect(Number(delivery.num_retries)).toBe(types.filter((type) => type === "delay").length);
    }
    expect(delivered).toBeGreaterThan(5000);
  });
});

describe("the properties", () => {
  test("are those of the catalog, for all types", () => {
    for (const { type, properties } of eventTypes) {
      const ofType = events.filter((event) => event.type === type);
      expect(ofType.length, type).toBeGreaterThan(10);
      const names = new Set(ofType.flatMap((event) => Object.keys(event)));
      expect([...names].filter((name) => !properties.includes(name))).toEqual([]);
    }
  });

  test("all occur", () => {
    const seen = new Set(events.flatMap((event) => Object.keys(event)));
    expect([...seen].sort()).toEqual(Object.keys(eventProperties).sort());
  });

  test("have the documented JSON types", () => {
    const seen = new Set<string>();
    for (const event of events) {
      for (const [name, value] of Object.entries(event)) {
        if (value !== null) seen.add(`${name} ${Array.isArray(value) ? "array" : typeof value}`);
      }
    }
    const documented = Object.entries(eventProperties).map(
      ([name, { json_type }]) => `${name} ${json_type.replace("integer", "number")}`,
    );
    expect([...seen].sort()).toEqual(documented.sort());
  });

  test("are about as many and as long as SparkPost's", () => {
    const count = events.reduce((total, event) => total + Object.keys(event).length, 0);
    expect(count / events.length).toBeGreaterThan(35);
    expect(text.length / events.length).toBeGreaterThan(1000);
    expect(text.length / events.length).toBeLessThan(1500);
  });

  test("are the same one by one, as an object and as JSON", () => {
    for (let i = 0; i < source.length; i += 97) {
      const event = source.event(i);
      expect(events[i]).toEqual(JSON.parse(stringifyJson(event)));
      expect(source.typeOf(i)).toBe(event.type);
      const names = [...Object.keys(eventProperties), "no_such_property"];
      expect(names.map((name) => source.propertyOf(i, name))).toEqual(
        names.map((name) => event[name]),
      );
    }
  });

  test("identify each event, except for sms_status", () => {
    const withId = events.filter(({ type }) => type !== "sms_status");
    expect(events.filter(({ event_id }) => event_id === undefined).length).toBe(
      events.length - withId.length,
    );
    const ids = withId.map(({ event_id }) => String(event_id));
    expect(new Set(ids).size).toBe(ids.length);
    const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-a[0-9a-f]{3}-[0-9a-f]{12}$/;
    const numbers = ids.filter((id) => !uuid.test(id));
    expect(numbers.length).toBeGreaterThan(1000);
    expect(numbers.length).toBeLessThan(ids.length - 1000);
    expect(numbers.every((id) => /^\d+$/.test(id) && Number(id) > 2 ** 53)).toBe(true);
  });

  test("leave out display_name and event_description, mostly", () => {
    const named = events.filter(({ display_name }) => display_name !== undefined).length;
    expect(named).toBeGreaterThan(0);
    expect(named).toBeLessThan(events.length / 20);
  });
});

describe("the awkward values", () => {
  const has = (test: (event: Event) => boolean): boolean => events.some(test);

  test.each([
    ["integers of 60 bits", /"order_id":(?!\d*0{3}[,}])\d{18,19}[,}]/],
    ["a float with a trailing zero", /"latitude":39\.10,/],
    ["a float with the fraction 0", /"latitude":1\.0,/],
    ["a float with an exponent", /"amount":1e5[,}]/],
    ["a negative zero", /:-0\.0[,}]/],
    ["LF", /\w\\n\w/],
    ["CRLF", /\\r\\n/],
    ["a lone CR", /\\r(?!\\n)/],
    ["quotes", /\\"/],
    ["emoji", /🎉/],
    ["joined emoji", /👩‍👩‍👧‍👦/],
    ["other scripts", /"subject":"[^"]*お知らせ/],
    ["NUL", /\\u0000/],
    ["empty text", /"campaign_id":""/],
    ["null", /"subaccount_id":null/],
    ["an empty object", /"rcpt_meta":\{\}/],
    ["an empty list", /"rcpt_tags":\[\]/],
    ["times with +00:00", /"timestamp":"[^"]*\.\d{3}\+00:00"/],
    ["times with Z", /"timestamp":"[^"]*\.\d{3}Z"/],
    ["scheduled_time in seconds", /"scheduled_time":"1\d{9}"/],
    ["scheduled_time in ISO 8601", /"scheduled_time":"2026-[^"]*Z"/],
    ["a campaign with a comma", /"campaign_id":"[^"]*, /],
    ["a formula with a link", /"user_agent":"=HYPERLINK\(/],
    ["a formula with +", /"user_agent":"\+1"/],
    ["a formula with @", /"user_agent":"@SUM\(/],
    ["a formula with -", /"user_agent":"-2\+3/],
    ["an empty user agent", /"user_agent":""/],
  ])("include %s", (_, pattern) => {
    expect(text).toMatch(pattern);
  });

  test("include a very long subject", () => {
    expect(has(({ subject }) => String(subject).length > 2000)).toBe(true);
  });

  test("include metadata with the keys of events and answers", () => {
    expect(
      has(({ rcpt_meta }) => {
        const meta = rcpt_meta as Event | undefined;
        return meta?.type === "injection" && Array.isArray(meta.results) && "links" in meta;
      }),
    ).toBe(true);
  });

  test("include the recipient's name in the subject", () => {
    expect(text).toContain('"subject":"Ana, your members');
    expect(text).toContain("20% off");
    expect(text).not.toContain("%name");
  });

  test("include letter case in the raw address only", () => {
    expect(has(({ rcpt_to, raw_rcpt_to }) => rcpt_to !== raw_rcpt_to)).toBe(true);
    const lowered = ({ raw_rcpt_to }: Event) => (raw_rcpt_to as string | undefined)?.toLowerCase();
    expect(has((event) => event.rcpt_to !== lowered(event))).toBe(false);
  });

  test("are still well-formed text", () => {
    expect(text).not.toMatch(/\p{Surrogate}/u);
  });
});

describe("the same seed and time", () => {
  test("give the same bytes, in whatever order they are asked for", () => {
    const again = makeSource(3000);
    const backwards = Uint32Array.from({ length: 3000 }, (_, i) => 2999 - i);
    const reversed = JSON.parse(`[${Buffer.concat(again.json(backwards))}]`).reverse();
    expect(reversed).toEqual(parsedEvents(makeSource(3000)));
    expect(jsonOf(again)).toBe(jsonOf(makeSource(3000)));
  });

  test("are what the events depend on", () => {
    const bytes = jsonOf(makeSource(1000));
    expect(jsonOf(makeSource(1000, 2))).not.toBe(bytes);
    const [messages, others] = [1, 2].map(
      (seed) => new Set(parsedEvents(makeSource(1000, seed)).map(({ message_id }) => message_id)),
    );
    messages!.delete(undefined);
    expect([...messages!].filter((id) => others!.has(id))).toEqual([]);
    expect(jsonOf(generateEvents({ events: 1000, seed: 1, now: NOW + 1 }))).not.toBe(bytes);
  });
});
