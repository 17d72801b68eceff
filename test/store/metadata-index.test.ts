import { describe, expect, test } from "vitest";
import type { MetadataFilter, SearchQuery } from "../../src/events-api/event-search.js";
import type { EventStore } from "../../src/store/event-store.js";
import { awkwardEvents, metadataNames, pick } from "../support/awkward-events.js";
import { randomNumbers, seed, times } from "../support/random-numbers.js";
import { expectedTexts, walk } from "../support/searched-events.js";
import { writeStoreCsv } from "../support/store-csv.js";
import { duckDb, newFolder, openAt, postgres } from "./store-harness.js";

const noon = Date.UTC(2026, 10, 19, 12);
const day = 86_400_000;

function queryFor(...metadata: MetadataFilter[]): SearchQuery {
  return { from: noon - 400 * day, to: noon + day, types: undefined, filters: [], metadata };
}

async function add(store: EventStore, texts: readonly string[]): Promise<void> {
  const files = [await writeStoreCsv(await newFolder(), "events.csv", texts)];
  await store.load({ files, fallbackTime: noon });
}

function eventAt(time: number, id: string, meta: string): string {
  return `{"type":"open","event_id":"${id}","timestamp":"${new Date(time).toISOString()}","rcpt_meta":${meta}}`;
}

async function idsFound(store: EventStore, path: string[], value: string): Promise<string[]> {
  const { json } = await walk(store, queryFor({ path, values: [value] }), 100);
  const events = JSON.parse(`[${json}]`) as { event_id: string }[];
  return events.map(({ event_id }) => event_id).sort();
}

describe("an index of metadata in PostgreSQL", () => {
  test(`changes no answer (seed ${seed})`, { timeout: 120_000 }, async () => {
    const draw = randomNumbers(seed);
    const events = awkwardEvents(draw, 250, noon);
    const store = await openAt(await postgres.newAddress());
    const half = events.length / 2;
    await add(
      store,
      events.slice(0, half).map(({ text }) => text),
    );
    const paths = metadataNames.flatMap((name) => [
      ["rcpt_meta", name],
      ...metadataNames.slice(0, 3).map((inner) => ["rcpt_meta", name, inner]),
    ]);
    for (const path of paths) {
      expect(await store.addIndex(path), JSON.stringify(path)).toBe(true);
    }
    expect((await store.info()).indexes).toHaveLength(paths.length);
    await add(
      store,
      events.slice(half).map(({ text }) => text),
    );

    let found = 0;
    const values = ["welcome", "39.10", "true", "12345678901234567890", "100000", "\0", "😀", "/"];
    for (let trial = 0; trial < times(60, 1000); trial++) {
      const query = queryFor({
        path: pick(draw, paths),
        values: [pick(draw, values), pick(draw, values)],
      });
      const expected = expectedTexts(events, query);
      const { json, pages } = await walk(store, query, 1 + draw(50));
      expect(json, JSON.stringify(query)).toBe(expected.join(","));
      expect(pages[0]?.totalCount).toBe(expected.length);
      found += expected.length;
    }
    expect(found).toBeGreaterThan(0);
  });

  test("is used, in the months to come too, until it is removed", async () => {
    const address = await postgres.newAddress();
    const store = await openAt(address);
    const path = ["rcpt_meta", 'order "id" \'\\'];
    const meta = (order: number) => JSON.stringify({ [path[1] as string]: order });
    const texts = (month: number) =>
      Array.from({ length: 3000 }, (_, index) =>
        eventAt(noon - month * 31 * day - index * 1000, `${month}-${index}`, meta(index)),
      );
    await add(store, texts(0));
    expect(await idsFound(store, path, "4")).toEqual(["0-4"]);
    expect(await store.addIndex(path)).toBe(true);
    expect(await store.addIndex(path)).toBe(false);
    expect((await store.info()).indexes).toEqual([path]);
    await add(store, texts(3));
    // One that is open already, as that of a server is, knows of it, too.
    expect(await idsFound(store, path, "4")).toEqual(["0-4", "3-4"]);
    await store.close();
    // The server counts when a connection has ended.
    await expect.poll(() => usedIndexes(address), { timeout: 10_000 }).toBe(2);

    const again = await openAt(address);
    expect(await again.removeIndex(path)).toBe(true);
    expect(await again.removeIndex(path)).toBe(false);
    expect((await again.info()).indexes).toEqual([]);
    expect(await idsFound(again, path, "4")).toEqual(["0-4", "3-4"]);
  });

  test("stands in the way of no event, however odd", async () => {
    const address = await postgres.newAddress();
    const store = await openAt(address);
    const path = ["rcpt_meta", "n"];
    const deep = `${'{"n":'.repeat(50_000)}1${"}".repeat(50_000)}`;
    const odd = [
      eventAt(noon, "nul", '{"n":"\\u0000"}'),
      eventAt(noon, "half", '{"n":"\\ud800","m":"\\udc00\\\\u0000"}'),
      eventAt(noon, "twice", '{"n":1,"n":2}'),
      eventAt(noon, "deep", deep),
      eventAt(noon, "long", `{"n":"${"x".repeat(1_000_000)}"}`),
    ];
    const noJson = (id: string) =>
      postgres.sql(
        address,
        `insert into sparky_events.events (time, identity, form, event)
        values ('2026-11-19 12:00Z', '${id}', 0, 'no JSON: "n" ${id}') returning time`,
      );
    await add(store, odd);
    await noJson("before");
    await store.addIndex(path);
    await noJson("after");
    await add(store, [...odd.map((text) => text.replace('id":"', 'id":"later-'))]);

    expect((await store.info()).events).toBe(12);
    expect(await idsFound(store, path, "2")).toEqual(["later-twice", "twice"]);
    expect(await idsFound(store, path, "\0")).toEqual(["later-nul", "nul"]);
    expect(await idsFound(store, path, "\ufffd")).toEqual(["half", "later-half"]);
    expect(await idsFound(store, path, "x".repeat(1_000_000))).toEqual(["later-long", "long"]);
  });
});

test("a DuckDB file has no indexes, and says so", async () => {
  const store = await openAt(await duckDb.newAddress());
  await expect(store.addIndex(["rcpt_meta", "a"])).rejects.toMatchObject({
    exitCode: 2,
    message: expect.stringContaining("needs none"),
  });
  expect((await store.info()).indexes).toEqual([]);
});

/** How many parts of indexes of metadata have been looked into. */
async function usedIndexes(address: string): Promise<number> {
  const [row] = await postgres.sql(
    address,
    `select count(*) as scans from pg_stat_user_indexes
    join pg_inherits on inhrelid = indexrelid
    join pg_class on pg_class.oid = inhparent where pg_class.relname like 'events_metadata_%' and idx_scan > 0`,
  );
  return Number(row?.scans);
}
