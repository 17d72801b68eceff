import { createHash } from "node:crypto";
import { expect, test } from "vitest";
import { stringifyJson } from "../../src/sandbox/json-text.js";
import { eventList } from "../support/event-list.js";
import { type Event, makeSource, NOW, useSandbox, wholeRange } from "./sandbox-client.js";

const sha256 = (text: string) => `sha256:${createHash("sha256").update(text).digest("hex")}`;
const identityOf = (event: Event): string => String(event.event_id || sha256(stringifyJson(event)));

test("generated events of the same time are in the order of their identities", () => {
  const source = makeSource(100_000);
  const ties = [...Array(source.length - 1).keys()].filter(
    (index) => source.timestampOf(index) === source.timestampOf(index + 1),
  );
  const misplaced = ties.filter(
    (index) => identityOf(source.event(index)) <= identityOf(source.event(index + 1)),
  );
  expect(ties.length).toBeGreaterThan(1000);
  expect(misplaced).toEqual([]);
});

const timestamp = new Date(NOW - 3_600_000).toISOString();
// As UTF-16 the last two would be the other way round.
const long = "x".repeat(201);
const ids = ["a", "", "b", "é", "\u{1f600}", "\uff5e", "sha256:", "x".repeat(200), long];
const sandbox = useSandbox(
  eventList(ids.map((event_id) => ({ type: "open", timestamp, event_id }))),
);

test("identities are compared by their bytes, page by page", async () => {
  const json = JSON.stringify({ type: "open", timestamp, event_id: "" });
  const identities = new Map([
    ["", sha256(json)],
    ["sha256:", sha256("sha256:")],
    [long, sha256(long)],
  ]);
  const expected = ids
    .map((id) => ({ id, bytes: Buffer.from(identities.get(id) ?? id) }))
    .sort((a, b) => Buffer.compare(b.bytes, a.bytes))
    .map(({ id }) => id);
  expect(expected.slice(0, 2)).toEqual(["\u{1f600}", "\uff5e"]);
  const pages = await sandbox.pages({ ...wholeRange, per_page: "2" });
  expect(pages.flatMap(({ results }) => results.map(({ event_id }) => event_id))).toEqual(expected);
});
