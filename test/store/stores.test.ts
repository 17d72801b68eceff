import { describe, expect, test } from "vitest";
import type { LoadedPeriod, StoredPeriod } from "../../src/store/event-store.js";
import { sameEventWithin } from "../../src/store/event-store.js";
import { keyColumns } from "../../src/store/sql/schema.js";
import { keyProperties } from "../../src/store/store-columns.js";
import { writeStoreCsv } from "../support/store-csv.js";
import { duckDb, newFolder, openAt, postgres, type StoreHarness } from "./store-harness.js";

const noon = Date.UTC(2026, 10, 19, 12);
const day = 86_400_000;
const fallbackTime = Date.UTC(2026, 10, 19);

function eventAt(time: number, id: string | undefined, more: Record<string, unknown> = {}): string {
  return JSON.stringify({
    type: "delivery",
    timestamp: new Date(time).toISOString(),
    ...(id !== undefined && { event_id: id }),
    rcpt_to: "anna@example.com",
    ...more,
  });
}

async function loaderOf(address: string) {
  const folder = await newFolder();
  const store = await openAt(address);
  let files = 0;
  const load = async (...batches: string[][]) =>
    await store.load({
      files: await Promise.all(
        batches.map((texts) => writeStoreCsv(folder, `${files++}.csv`, texts)),
      ),
      fallbackTime,
    });
  return { store, load, folder };
}

async function textsIn(harness: StoreHarness, address: string): Promise<unknown[]> {
  const rows = await harness.sql(
    address,
    "select event from sparky_events.events order by time desc, identity desc",
  );
  return rows.map(({ event }) => event);
}

test("every property that is searched by has its column", () => {
  expect([...keyColumns, "event_id"].sort()).toEqual([...keyProperties, "type"].sort());
});

describe.each([duckDb, postgres])("a store in $engine", (harness) => {
  test("keeps each event once, and its text as it came", async () => {
    const address = await harness.newAddress();
    const { store, load } = await loaderOf(address);
    const texts = [
      eventAt(noon + 2, "c", { subject: 'A "quoted", one\nwith lines', rcpt_meta: { a: [1] } }),
      // Digits that JavaScript has no number for, and other spellings of the same JSON.
      '{ "type":"open", "event_id":"b", "timestamp":"2026-11-19T12:00:00.001Z", "n":12345678901234567890, "x":1.10, "u":"\\u00e9\\/" }',
      eventAt(noon, "a", { type: "new_type", unheard_of: true }),
    ];
    const [first = "", second = "", third = ""] = texts;

    expect(await load([first, second, first])).toEqual({ events: 2, added: 2 });
    expect(await load([second, third], [third])).toEqual({ events: 2, added: 1 });
    expect(await load([first, second, third])).toEqual({ events: 3, added: 0 });
    expect(await load([])).toEqual({ events: 0, added: 0 });
    expect(await load()).toEqual({ events: 0, added: 0 });

    await store.close();
    expect(await textsIn(harness, address)).toEqual(texts);
  });

  test("takes events without an id for the same where their texts are", async () => {
    const { store, load } = await loaderOf(await harness.newAddress());
    const texts = [
      eventAt(noon, undefined),
      eventAt(noon, ""),
      eventAt(noon, undefined, { subject: "other" }),
    ];

    expect(await load([...texts, ...texts])).toEqual({ events: 3, added: 3 });
    expect(await load(texts)).toEqual({ events: 3, added: 0 });
    expect((await store.info()).events).toBe(3);
  });

  test("takes an id for that of the same event only near its time", async () => {
    const { store, load } = await loaderOf(await harness.newAddress());
    await load([eventAt(noon, "a")]);

    expect(await load([eventAt(noon + sameEventWithin, "a")])).toEqual({ events: 1, added: 0 });
    expect(await load([eventAt(noon - sameEventWithin, "a")])).toEqual({ events: 1, added: 0 });
    expect(await load([eventAt(noon + sameEventWithin + 1, "a")])).toEqual({ events: 1, added: 1 });
    const twice = [eventAt(noon + day, "b"), eventAt(noon + day + 900, "b")];
    expect(await load(twice)).toEqual({ events: 1, added: 1 });
    expect(await store.count([{ start: noon, end: noon + 2 * day }])).toEqual([3]);
  });

  test("leaves out what it has where a period is loaded again", async () => {
    const { store, folder } = await loaderOf(await harness.newAddress());
    const period = periodOf("2026-11-19");
    const texts = Array.from({ length: 3000 }, (_, index) => eventAt(noon + index, `id-${index}`));
    const load = async (some: string[]) =>
      await store.load({
        files: [await writeStoreCsv(folder, "again.csv", some)],
        fallbackTime,
        period,
      });

    expect(await load([...texts.slice(0, 2000), ...texts.slice(0, 10)])).toEqual({
      events: 2000,
      added: 2000,
    });
    expect(await load([...texts, ...texts.slice(2990)])).toEqual({ events: 3000, added: 1000 });
    expect(await load(texts)).toEqual({ events: 3000, added: 0 });
    expect(await store.count([{ start: period.from, end: period.to }])).toEqual([3000]);
  });

  test("knows again what lies outside of the period that it is loaded with", async () => {
    const { store, folder } = await loaderOf(await harness.newAddress());
    const load = async (name: string, time: number) =>
      await store.load({
        files: [await writeStoreCsv(folder, "one.csv", [eventAt(time, "stray")])],
        fallbackTime,
        period: periodOf(name),
      });
    await load("2026-11-19", noon);

    expect(await load("2026-11-25", noon)).toEqual({ events: 1, added: 0 });
  });

  test("keeps awkward texts, keys and times", async () => {
    const address = await harness.newAddress();
    const { store, load } = await loaderOf(address);
    const long = "x".repeat(20_000);
    const texts = [
      eventAt(noon, "nul", { subject: "a\u0000b", rcpt_to: "\u0000" }),
      eventAt(noon, "soh", { subject: '\u0001"a", \u0001', rcpt_to: "\u0001" }),
      '{"type":"open","event_id":"half","timestamp":"2026-11-19T12:00:00.001Z","subject":"\\ud83d"}',
      eventAt(noon + 2, "long", { subject: long, rcpt_to: long, message_id: long }),
      eventAt(noon + 3, long),
      eventAt(noon + 3, "same time"),
      `{"type":"open","event_id":92356927693813856789,"timestamp":"2026-11-19T12:00:00.004Z"}`,
      '{"event_id":"no time"}',
      '{"event_id":"no such time","timestamp":"yesterday"}',
      '{"event_id":"a number","timestamp":12}',
      '{"event_id":"two thousand","timestamp":"2026.123"}',
      '{"event_id":"an object","timestamp":{"a":1}}',
      '{"event_id":"far","timestamp":"9999-01-01T00:00:00.001Z","type":5,"subject":["a"]}',
      "{}",
    ];

    expect(await load(texts)).toEqual({ events: texts.length, added: texts.length });
    expect(await load(texts)).toEqual({ events: texts.length, added: 0 });
    expect(await store.count([{ start: fallbackTime, end: fallbackTime + 1 }])).toEqual([6]);
    expect((await store.info()).newest).toBe(Date.UTC(9999, 0, 1) + 1);

    await store.close();
    expect((await textsIn(harness, address)).sort()).toEqual([...texts].sort());
    const keys = await harness.sql(
      address,
      "select identity, subject, rcpt_to from sparky_events.events where identity in ('nul', 'half', 'soh') order by identity",
    );
    expect(keys).toEqual([
      { identity: "half", subject: "\ufffd", rcpt_to: null },
      { identity: "nul", subject: "a\ufdd0b", rcpt_to: "\ufdd0" },
      { identity: "soh", subject: '\u0001"a", \u0001', rcpt_to: "\u0001" },
    ]);
    const ids = await harness.sql(
      address,
      "select identity from sparky_events.events where identity like 'sha256:%' or identity like '9235%' order by identity",
    );
    expect(ids.map(({ identity }) => identity)).toEqual([
      "92356927693813856789",
      expect.stringMatching(/^sha256:[0-9a-f]{64}$/),
      expect.stringMatching(/^sha256:[0-9a-f]{64}$/),
    ]);
  });

  test("takes an event of several megabytes", async () => {
    const { load } = await loaderOf(await harness.newAddress());
    const text = eventAt(noon, "large", { rcpt_meta: { text: '",\n'.repeat(1_500_000) } });

    expect(await load([text])).toEqual({ events: 1, added: 1 });
  });

  test("counts by range and subaccount", async () => {
    const { store, load } = await loaderOf(await harness.newAddress());
    await load([
      eventAt(noon, "a", { subaccount_id: 7 }),
      eventAt(noon + 1, "b", { subaccount_id: "7" }),
      eventAt(noon + 2, "c", { subaccount_id: 8 }),
      eventAt(noon + 3, "d"),
    ]);
    const ranges = [
      { start: noon, end: noon + 2 },
      { start: noon + 1, end: noon + 4 },
      { start: noon + 4, end: noon + day },
    ];

    expect(await store.count(ranges)).toEqual([2, 3, 0]);
    expect(await store.count(ranges, { subaccounts: ["7"] })).toEqual([2, 1, 0]);
    expect(await store.count(ranges, { subaccounts: ["7", "8"] })).toEqual([2, 2, 0]);
    expect(await store.count(ranges, { subaccounts: [] })).toEqual([0, 0, 0]);
  });

  test("remembers facts and periods", async () => {
    const address = await harness.newAddress();
    const store = await openAt(address);
    expect(await store.readFacts()).toEqual({
      origin: undefined,
      subaccounts: [],
      since: undefined,
      acceptedGaps: [],
    });

    await store.writeFacts({ origin: "https://api.sparkpost.com", since: noon });
    await store.writeFacts({ acceptedGaps: ["2026-11-01", "it's"], subaccounts: ["7"] });
    const record = periodOf("2026-11-19");
    const folder = await newFolder();
    const files = [await writeStoreCsv(folder, "a.csv", [eventAt(noon, "a"), eventAt(noon, "b")])];
    await store.load({ files, fallbackTime, period: record });
    const later = { ...record, totalCount: null, state: "partial", toolVersion: null } as const;
    await store.load({ files: [], fallbackTime, period: { ...later, name: "2026-11-20" } });
    await store.load({ files: [], fallbackTime, period: { ...record, totalCount: 2 ** 40 } });
    await store.close();

    const again = await openAt(address, "read");
    expect(await again.readFacts()).toEqual({
      origin: "https://api.sparkpost.com",
      subaccounts: ["7"],
      since: noon,
      acceptedGaps: ["2026-11-01", "it's"],
    });
    const { name: _, ...facts } = record;
    const { name: __, ...laterFacts } = later;
    expect(await again.readPeriods()).toEqual(
      new Map<string, StoredPeriod>([
        ["2026-11-19", { ...facts, rows: 2, totalCount: 2 ** 40 }],
        ["2026-11-20", { ...laterFacts, rows: 2 }],
      ]),
    );
  });

  test("removes what is older than a moment, and the records of those periods", async () => {
    const { store, load } = await loaderOf(await harness.newAddress());
    const times = [noon - 60 * day, noon - 30 * day, noon - 1, noon, noon + day];
    await load(times.map((time, index) => eventAt(time, String(index))));
    await store.load({ files: [], fallbackTime, period: periodOf("2026-11-18") });
    await store.load({ files: [], fallbackTime, period: periodOf("2026-11-19") });

    expect(await store.removeBefore(noon)).toBe(3);
    expect(await store.info()).toMatchObject({ events: 2, oldest: noon, newest: noon + day });
    expect([...(await store.readPeriods()).keys()]).toEqual(["2026-11-19"]);
    expect(await load([eventAt(noon - 60 * day, "0")])).toEqual({ events: 1, added: 1 });
  });

  test("tells about itself, and is not made by reading", async () => {
    const address = await harness.newAddress();
    await expect(openAt(address, "read")).rejects.toMatchObject({
      name: "UsageError",
      message: expect.stringMatching(/no store/),
    });
    const store = await openAt(address);
    const info = await store.info();
    expect(info).toMatchObject({ events: 0, oldest: undefined, newest: undefined });
    expect(info.schemaVersion).toBe(1);
    expect(info.engine).toMatch(new RegExp(`^${harness.engine} `));
    expect(info.bytesOnDisk).toBeGreaterThan(1000);
  });

  test("made by a newer program, is refused", async () => {
    const address = await harness.newAddress();
    await (await openAt(address)).close();
    await harness.sql(
      address,
      "insert into sparky_events.migrations (version) values (999999) returning version",
    );

    for (const mode of ["read", "write"] as const) {
      await expect(openAt(address, mode)).rejects.toMatchObject({
        name: "UsageError",
        message: expect.stringContaining("was made by a newer sparky-events"),
        hint: expect.stringContaining("Update sparky-events"),
      });
    }
  });

  test("says what file is not there, and loads nothing of the others", async () => {
    const { store, folder } = await loaderOf(await harness.newAddress());
    const path = await writeStoreCsv(folder, "there [1]*?.csv", [eventAt(noon, "a")]);
    const files = [path, `${path}.absent`];

    await expect(store.load({ files, fallbackTime })).rejects.toThrow();
    expect((await store.info()).events).toBe(0);
    expect(await store.load({ files: [path], fallbackTime })).toEqual({ events: 1, added: 1 });
  });
});

function periodOf(name: string): { readonly name: string } & LoadedPeriod {
  const from = Date.parse(`${name}T00:00:00Z`);
  return {
    name,
    from,
    to: from + day,
    totalCount: 4,
    exportedAt: noon + 5,
    state: "complete",
    toolVersion: "1.2.3",
  };
}
