import { describe, expect, test } from "vitest";
import { searchFilters } from "../../src/api/search-filters.js";
import { type SearchQuery, UnknownPlaceError } from "../../src/events-api/event-search.js";
import type { EventStore } from "../../src/store/event-store.js";
import {
  awkwardEvents,
  drawText,
  metadataNames,
  pick,
  type SentEvent,
} from "../support/awkward-events.js";
import { randomNumbers, seed, times } from "../support/random-numbers.js";
import { expectedTexts, walk } from "../support/searched-events.js";
import { writeStoreCsv } from "../support/store-csv.js";
import { duckDb, newFolder, openAt, postgres } from "./store-harness.js";

const noon = Date.UTC(2026, 10, 19, 12);
const hour = 3_600_000;
const everything: SearchQuery = {
  from: noon - 24 * hour,
  to: noon + 24 * hour,
  types: undefined,
  filters: [],
  metadata: [],
};
const { signal } = new AbortController();

async function storeOf(address: string, texts: readonly string[]): Promise<EventStore> {
  const store = await openAt(address);
  await add(store, texts);
  return store;
}

async function add(store: EventStore, texts: readonly string[]): Promise<void> {
  const files = [await writeStoreCsv(await newFolder(), "events.csv", texts)];
  await store.load({ files, fallbackTime: noon });
}

function eventAt(time: number, id: string | undefined, more: Record<string, unknown> = {}): string {
  return JSON.stringify({
    type: "delivery",
    timestamp: new Date(time).toISOString(),
    ...(id !== undefined && { event_id: id }),
    ...more,
  });
}

function filterOn(name: string, ...values: string[]) {
  const filter = searchFilters.find((each) => each.name === name);
  if (!filter) {
    throw new Error(`no filter ${name}`);
  }
  return { filter, values };
}

async function idsFound(store: EventStore, query: Partial<SearchQuery>): Promise<unknown[]> {
  const { json, pages } = await walk(store, { ...everything, ...query }, 100);
  const events = JSON.parse(`[${json}]`) as { event_id: string }[];
  expect(pages[0]?.totalCount).toBe(events.length);
  return events.map(({ event_id }) => event_id).sort();
}

describe.each([duckDb, postgres])("a search in $engine", (harness) => {
  test(`finds what the simulator finds, page by page (seed ${seed})`, {
    timeout: 120_000,
  }, async () => {
    const draw = randomNumbers(seed);
    const events = awkwardEvents(draw, 250, noon);
    const store = await storeOf(
      await harness.newAddress(),
      events.map(({ text }) => text),
    );
    let found = 0;
    for (let trial = 0; trial < times(120, 2000); trial++) {
      const query = drawQuery(draw, events, trial);
      const expected = expectedTexts(events, query);
      const limit = pick(draw, [1 + draw(5), 1 + draw(50), 1000]);
      const told = `trial ${trial}, ${limit} a page: ${JSON.stringify(query)}`;
      const { pages, json } = await walk(
        store,
        query,
        Math.max(limit, Math.ceil(expected.length / 20)),
      );

      expect(json, told).toBe(expected.join(","));
      for (const page of pages) {
        expect(page.totalCount, told).toBe(expected.length);
      }
      const offset = draw(expected.length + 3);
      const page = await store.find(query, { limit, offset }, signal);
      expect(Buffer.concat(page.json).toString(), told).toBe(
        expected.slice(offset, offset + limit).join(","),
      );
      expect(page.totalCount, told).toBe(expected.length);
      found += expected.length;
    }
    // Searches that find nothing would agree about anything.
    expect(found).toBeGreaterThan(times(120, 2000));
  });

  test("has pages of the size asked for, and no empty one at the end", async () => {
    const texts = Array.from({ length: 12 }, (_, index) => eventAt(noon, `id-${index}`));
    const store = await storeOf(await harness.newAddress(), texts);

    for (const [limit, sizes] of [
      [5, [5, 5, 2]],
      [6, [6, 6]],
      [12, [12]],
      [13, [12]],
    ] as const) {
      const { pages } = await walk(store, everything, limit);
      expect(pages.map(({ events }) => events)).toEqual(sizes);
    }
    const { pages } = await walk(store, { ...everything, types: ["open"] }, 5);
    expect(pages).toEqual([{ json: [], events: 0, totalCount: 0, next: undefined }]);
    expect(await store.find(everything, { limit: 5, offset: 12 }, signal)).toMatchObject({
      events: 0,
      totalCount: 12,
      next: undefined,
    });
  });

  test("folds case letter by letter in keywords, and of ASCII alone in addresses", async () => {
    const subjects = {
      dotted: "İstanbul-Tour",
      plain: "ISTANBUL",
      sigma: "ΟΔΟΣ 1",
      kelvin: "\u212a",
    };
    const store = await storeOf(await harness.newAddress(), [
      ...Object.entries(subjects).map(([id, subject]) => eventAt(noon, id, { subject })),
      eventAt(noon, "ascii", { rcpt_to: "Anna@Example.COM" }),
      eventAt(noon, "umlaut", { rcpt_to: "ÄNNA@example.com" }),
    ]);
    const bySubject = (...values: string[]) =>
      idsFound(store, { filters: [filterOn("subjects", ...values)] });
    const byRecipient = (...values: string[]) =>
      idsFound(store, { filters: [filterOn("recipients", ...values)] });

    expect(await bySubject("istanbul")).toEqual(["dotted", "plain"]);
    expect(await bySubject("tour_İSTANBUL")).toEqual(["dotted"]);
    expect(await bySubject("οδοσ")).toEqual(["sigma"]);
    expect(await bySubject("οδος")).toEqual([]);
    expect(await bySubject("K")).toEqual(["kelvin"]);
    expect(await bySubject("istan", "tanbul", "-", " ")).toEqual([]);
    expect(await byRecipient("anna@example.com")).toEqual(["ascii"]);
    expect(await byRecipient("ännA@example.com", "annä@example.com")).toEqual([]);
    expect(await byRecipient("ÄNNA@EXAMPLE.com")).toEqual(["umlaut"]);
  });

  test("finds metadata with the digits that were sent, by its last member of a name", async () => {
    const metas = {
      exact: '{"n":39.10}',
      rounded: '{"n":39.1}',
      large: '{"n":12345678901234567891}',
      text: '{"n":"39.10"}',
      nothing: '{"n":null}',
      truth: '{"n":true}',
      object: '{"n":{"n":39.10}}',
      list: '["a",{"n":39.10}]',
      twice: '{"n":39.10,"n":1}',
      emptied: '{"m":{"n":39.10},"m":{}}',
      escaped: '{"\\u006e":"\\u0033\\u0039.10"}',
      halves: '{"a":"\\ud83d","b":"\\ude00\\ud83d\\ude00","c":"\\\\u0000 \\u0000","n":39.10}',
      slash: '{"n":"a\\/b"}',
    };
    const store = await storeOf(
      await harness.newAddress(),
      Object.entries(metas).map(([id, json]) =>
        eventAt(noon, id).replace(/\}$/, `,"rcpt_meta":${json}}`),
      ),
    );
    const by = (path: string, ...values: string[]) =>
      idsFound(store, { metadata: [{ path: ["rcpt_meta", ...path.split(".")], values }] });

    expect(await by("n", "39.10")).toEqual(["escaped", "exact", "halves", "text"]);
    expect(await by("n", "39.1", "true")).toEqual(["rounded", "truth"]);
    expect(await by("n", "12345678901234567891")).toEqual(["large"]);
    expect(await by("n", "null", "12345678901234567890", "{}")).toEqual([]);
    expect(await by("n", "1")).toEqual(["twice"]);
    expect(await by("n", "a/b")).toEqual(["slash"]);
    expect(await by("n.n", "39.10")).toEqual(["object"]);
    expect(await by("m.n", "39.10")).toEqual([]);
    expect(await by("0", "a")).toEqual(["list"]);
    expect(await by("1.n", "39.10")).toEqual(["list"]);
    expect(await by("-1.n", "39.10")).toEqual([]);
    expect(await by("01.n", "39.10")).toEqual([]);
    expect(await by("b", "\ufffd😀")).toEqual(["halves"]);
    expect(await by("c", "\\u0000 \0")).toEqual(["halves"]);
    expect(await idsFound(store, { metadata: [{ path: ["event_id"], values: ["text"] }] })).toEqual(
      ["text"],
    );
  });

  test("misses and doubles no event that stays, while others come and go", async () => {
    const at = (minute: number) => noon - minute * 60_000;
    const staying = Array.from({ length: 40 }, (_, index) =>
      eventAt(at(index - (index % 3)), `stays-${index % 10}-${index}`),
    );
    const leaving = Array.from({ length: 10 }, (_, index) =>
      eventAt(at(60 + index), `old-${index}`),
    );
    const store = await storeOf(await harness.newAddress(), [...staying, ...leaving]);
    const seen: string[] = [];
    let after: string | undefined;
    for (let number = 0; number === 0 || after !== undefined; number++) {
      const page = await store.find(everything, { limit: 3, after }, signal);
      const events = JSON.parse(`[${Buffer.concat(page.json)}]`) as { event_id: string }[];
      seen.push(...events.map(({ event_id }) => event_id));
      after = page.next;
      await add(store, [
        eventAt(at(number * 2), `comes-${number}`),
        eventAt(at(-number), `new-${number}`),
      ]);
      if (number === 5) {
        await store.removeBefore(at(59));
      }
    }

    expect(seen).toHaveLength(new Set(seen).size);
    expect(seen.filter((id) => id.startsWith("stays"))).toHaveLength(40);
    expect(seen.filter((id) => id.startsWith("old"))).toEqual([]);
  });

  test("counts right after loads at once, doubled events and removals", async () => {
    const address = await harness.newAddress();
    const store = await openAt(address);
    const other = harness.engine === "PostgreSQL" ? await openAt(address) : store;
    const batchOf = (first: number) =>
      Array.from({ length: 200 }, (_, index) =>
        eventAt(noon + (first + index) * 60_000, `id-${first + index}`, {
          type: index % 3 === 0 ? "open" : "x".repeat(5000 * (index % 2)),
          subaccount_id: index % 4 || undefined,
        }),
      );
    await Promise.all([
      add(store, batchOf(0)),
      add(other, batchOf(100)),
      add(store, batchOf(50)),
      add(other, batchOf(0)),
    ]);
    const agree = async () => {
      const ranges: Partial<SearchQuery>[] = [
        {},
        { from: noon + 90_000, to: noon + 3 * hour + 1 },
        { from: noon + hour, to: noon + 2 * hour },
        { from: noon + 10, to: noon + hour - 10 },
        { types: ["open"] },
        { from: noon + 90_000, types: ["open", "x".repeat(5000)] },
        { filters: [filterOn("subaccounts", "1", "3")] },
      ];
      const totals: number[] = [];
      for (const some of ranges) {
        const query = { ...everything, ...some };
        const { pages, json } = await walk(store, query, 1000);
        const events = (JSON.parse(`[${json}]`) as unknown[]).length;
        const { totalCount } = await store.find(query, { limit: 1, after: undefined }, signal);
        expect(totalCount, JSON.stringify(some)).toBe(events);
        expect(pages).toHaveLength(1);
        totals.push(events);
      }
      return totals;
    };

    const [all = 0] = await agree();
    expect(all).toBe(300);
    await store.removeBefore(noon + 90 * 60_000 + 5);
    const [left = 0] = await agree();
    expect(left).toBe(300 - 91);
    await add(store, batchOf(50));
    expect((await agree())[0]).toBe(300 - 50);
  });

  test("refuses places from nowhere", async () => {
    const store = await storeOf(await harness.newAddress(), [eventAt(noon, "a")]);
    const nowhere = [
      ...["", "1", ".", "a.b", "1.", ".YQ", "-1.YQ", "01.YQ", "1.YQ==", "1.YR", "1.YQ.YQ", "1.%00"],
      ...[
        "9999999999999999.YQ",
        "999999999999999.YQ",
        "1.AA",
        "1._w",
        `1.${"YWFh".repeat(1000)}`,
        "😀",
      ],
    ];

    for (const after of nowhere) {
      const finding = store.find(everything, { limit: 1, after }, signal);
      await expect(finding, after).rejects.toThrow(UnknownPlaceError);
    }
    await expect(
      store.find(everything, { limit: 1, after: "1.YQ" }, signal),
    ).resolves.toMatchObject({
      events: 0,
    });
  });

  test("ends when it is cancelled, and the next one goes on", { timeout: 60_000 }, async () => {
    const subject = "word ".repeat(2000);
    const texts = Array.from({ length: 200 }, (_, index) =>
      eventAt(noon, `id-${index}`, { subject }),
    );
    const store = await storeOf(await harness.newAddress(), texts);
    // Takes minutes: each value is looked for in a long subject of each event.
    const values = Array.from({ length: 20_000 }, (_, index) => `absent${index}`);
    const slow = { ...everything, filters: [filterOn("subjects", ...values)] };
    const reason = new Error("enough");

    for (const wait of [0, 1, 200, 1000]) {
      const controller = new AbortController();
      const finding = store.find(slow, { limit: 10, after: undefined }, controller.signal);
      setTimeout(() => controller.abort(reason), wait);
      await expect(finding).rejects.toBe(reason);
    }
    await expect(store.find(slow, { limit: 1, offset: 0 }, AbortSignal.abort(reason))).rejects.toBe(
      reason,
    );
    expect(await idsFound(store, {})).toHaveLength(200);
  });
});

/** Each filter in turn, and others with it. */
function drawQuery(
  draw: (below: number) => number,
  events: readonly SentEvent[],
  trial: number,
): SearchQuery {
  const inTurn = searchFilters[trial % (searchFilters.length + 2)];
  const others = Array.from({ length: draw(5) === 0 ? 2 : 0 }, () => pick(draw, searchFilters));
  const filters = [...(inTurn ? [inTurn] : []), ...others].map((filter) => ({
    filter,
    values: Array.from({ length: 1 + draw(4) }, () => drawValue(draw, events, filter.property)),
  }));
  const minute = () => noon + (draw(9) - 4) * 900_000 + draw(3);
  const range = draw(3) === 0 ? { from: minute(), to: minute() } : {};
  return {
    ...everything,
    ...range,
    types: draw(4) === 0 ? ["open", "bounce\u0000", "delivery"].slice(draw(3)) : undefined,
    filters,
    metadata: inTurn && draw(8) > 0 ? [] : [drawMetadata(draw)],
  };
}

function drawValue(
  draw: (below: number) => number,
  events: readonly SentEvent[],
  property: string,
): string {
  const known = String(pick(draw, events).says[property] ?? drawText(draw)).toWellFormed();
  const value = pick(draw, [
    known,
    known,
    known.split(/[ \-_.]/)[0] ?? "",
    known.toUpperCase(),
    known.toLowerCase(),
    drawText(draw).toWellFormed(),
  ]);
  return value || "welcome";
}

function drawMetadata(draw: (below: number) => number) {
  const path = ["rcpt_meta", pick(draw, metadataNames)];
  const values = [
    "welcome",
    "39.10",
    "true",
    "12345678901234567890",
    "100000",
    "\0",
    "0",
    "😀",
    "/",
  ];
  return {
    path: draw(3) === 0 ? [...path, pick(draw, metadataNames)] : path,
    values: [pick(draw, values), pick(draw, values), pick(draw, values)],
  };
}
