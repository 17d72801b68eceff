import { describe, expect, test } from "vitest";
import { eventList } from "../support/event-list.js";
import {
  EVENTS_PATH,
  LEGACY_PATH,
  NOW,
  type Page,
  useSandbox,
  wholeLegacyRange,
  wholeRange,
} from "./sandbox-client.js";

const metadata = [
  { order_id: "4711", "a.b": "dotted", flag: true, items: ["x", { sku: "y" }] },
  { order_id: 4711, flag: false, none: null, nested: { deep: { er: 1.5 } } },
  { order_id: "4711,4712", "a.b": 'a "quote"' },
  "4711",
  null,
];
const events = metadata.map((rcpt_meta, index) => ({
  type: "delivery",
  timestamp: new Date(NOW - 3_600_000 - index).toISOString(),
  event_id: String(index),
  rcpt_meta,
}));
const sandbox = useSandbox(eventList(events));

async function found(path: string, parameters: Record<string, string>): Promise<unknown[]> {
  const range = path === EVENTS_PATH ? wholeRange : wholeLegacyRange;
  const { results } = await sandbox.page<Page>(path, { ...range, ...parameters });
  return results.map(({ event_id }) => event_id);
}

describe.each([EVENTS_PATH, LEGACY_PATH])("%s", (path) => {
  test.each<[Record<string, string>, string[]]>([
    [{ "rcpt_meta.order_id": "4711" }, ["0", "1"]],
    [{ "rcpt_meta.order_id": "9,4711" }, ["0", "1"]],
    [{ "rcpt_meta.order_id": "4711,4712", delimiter: ";" }, ["2"]],
    [{ "rcpt_meta.order_id": "471" }, []],
    [{ 'rcpt_meta."a.b"': "dotted" }, ["0"]],
    [{ 'rcpt_meta."a.b"': 'a "quote"' }, ["2"]],
    [{ "rcpt_meta.a.b": "dotted" }, []],
    [{ "rcpt_meta.flag": "true,false" }, ["0", "1"]],
    [{ "rcpt_meta.flag": "True" }, []],
    [{ "rcpt_meta.none": "null" }, []],
    [{ "rcpt_meta.nested.deep.er": "1.5" }, ["1"]],
    [{ "rcpt_meta.nested.deep": "[object Object]" }, []],
    [{ "rcpt_meta.items.0": "x" }, ["0"]],
    [{ "rcpt_meta.items.1.sku": "y" }, ["0"]],
    [{ "rcpt_meta.items.length": "2" }, []],
    [{ "rcpt_meta.constructor.name": "Object" }, []],
    [{ "rcpt_meta.order_id": "4711", "rcpt_meta.flag": "true" }, ["0"]],
    [{ "rcpt_meta.order_id": "4711", events: "open" }, []],
  ])("%j finds %j", async (parameters, ids) => {
    expect(await found(path, parameters)).toEqual(ids);
  });

  test.each(["rcpt_meta.=1", "rcpt_meta.a..b=1", "rcpt_meta.%22a=1", "rcpt_meta.a%20b=1"])(
    "%s is refused",
    async (query) => {
      const response = await sandbox.get(`${path}?${query}`);
      expect(response.status).toBe(400);
      expect(await response.text()).toContain("is not a path such as rcpt_meta.order_id");
    },
  );

  test.each(["rcpt_meta=1", "rcpt_tags.0=1", "rcpt_meta.a=1&rcpt_meta.a=2", "rcpt_meta.a="])(
    "%s is refused too",
    async (query) => {
      expect((await sandbox.get(`${path}?${query}`)).status).toBe(400);
    },
  );
});
