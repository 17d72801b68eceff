import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import {
  countEvents,
  cutSearch,
  type ExportOptions,
  exportEvents,
  type Search,
  searchEvents,
  UsageError,
} from "../../src/index.js";
import { newFolder } from "../support/command.js";
import { page, startScriptedServer } from "../support/scripted-server.js";

const from = new Date("2026-11-19T00:00:00Z");
const to = new Date("2026-11-20T00:00:00Z");

/** Exports with options as a program without types can give them. */
async function exportWith(options: object, search: object = {}) {
  const server = await startScriptedServer([page([{ type: "open", event_id: "1" }])]);
  const cwd = await newFolder();
  const outcome = await exportEvents({
    connection: { apiKey: "0123456789abcdef", host: server.origin, concurrency: 1 },
    search: { from, to, ...search },
    output: join(cwd, "a.csv"),
    retention: Number.POSITIVE_INFINITY,
    ...options,
  } as ExportOptions).catch((error: unknown) => error);
  return { outcome, requests: server.requests, files: await readdir(cwd), cwd };
}

async function expectRefused(
  { outcome, requests, files }: Awaited<ReturnType<typeof exportWith>>,
  message: RegExp,
) {
  expect(outcome).toBeInstanceOf(UsageError);
  expect((outcome as UsageError).message).toMatch(message);
  expect({ requests, files }).toEqual({ requests: [], files: [] });
}

describe("exportEvents refuses before any request", () => {
  test.each<[object, RegExp]>([
    [{ columns: "" }, /^columns names no column\.$/],
    [{ columns: " ,\n" }, /^columns names no column\.$/],
    [{ columns: [] }, /^columns names no column\.$/],
    [{ columns: ["", ","] }, /^columns names no column\.$/],
    [{ columns: "*, -*" }, /^"-"\*"" leaves out a property/],
    [{ columns: 5 }, /^columns must be a text, or a list of texts and columns\.$/],
    [{ columns: [null] }, /^columns must be a text, or a list of texts and columns\.$/],
    [{ columns: [{ header: "a" }] }, /^columns must be a text, or a list of texts and columns\.$/],
    [{ columns: [{ header: "a", path: "b" }] }, /^columns must be a text, or a list/],
    [{ format: { delimiter: "x" } }, /^delimiter cannot be "x"/],
    [{ format: { timestampFormat: "ISO" } }, /^timestampFormat cannot be "ISO"/],
    [{ format: { byteOrderMark: "no" } }, /^byteOrderMark must be true or false\.$/],
    [{ format: { quote: "'" } }, /^quote cannot be "'": it is one of "\\u0001"\.$/],
    [{ format: { quoteText: 1 } }, /^quoteText must be true or false\.$/],
    [{ format: { escapeFormulas: 0 } }, /^escapeFormulas must be true or false\.$/],
    [{ output: undefined }, /^output must be the path of a file, or a stream\.$/],
    [{ output: 1 }, /^output must be the path of a file, or a stream\.$/],
    [{ output: {} }, /^output must be the path of a file, or a stream\.$/],
    [{ output: "" }, /^The name of the output file is empty\.$/],
    [{ splitRows: Number.NaN }, /^splitRows must be a whole number from 1/],
    [{ splitRows: 0 }, /^splitRows must be a whole number from 1/],
    [{ splitRows: 1.5 }, /^splitRows must be a whole number from 1/],
    [{ splitRows: "5" }, /^splitRows must be a whole number from 1/],
    [{ connection: undefined }, /^connection must be an object with an apiKey\.$/],
    [{ connection: {} }, /^apiKey does not look like an API key\.$/],
    [
      { connection: { apiKey: "a", concurrency: Number.NaN } },
      /^concurrency must be a whole number/,
    ],
    [{ connection: { apiKey: "a", timeout: Number.NaN } }, /^timeout must be a number above 0\.$/],
    [{ connection: { apiKey: "a", timeout: 0 } }, /^timeout must be a number above 0\.$/],
    [
      { connection: { apiKey: "a", giveUpAfter: "1m" } },
      /^giveUpAfter must be a number above 0\.$/,
    ],
    [{ connection: { apiKey: "a", maxBody: -1 } }, /^maxBody must be a number above 0\.$/],
    [{ search: undefined }, /^search must be an object with from and to\.$/],
  ])("%o", async (options, message) => {
    await expectRefused(await exportWith(options), message);
  });

  test.each<[object, RegExp]>([
    [{ from: new Date(Number.NaN) }, /^from is an invalid date\.$/],
    [{ to: new Date("yesterday") }, /^to is an invalid date\.$/],
    [{ to: Number.NaN }, /^to is an invalid date\.$/],
    [{ to: Number.POSITIVE_INFINITY }, /^to is an invalid date\.$/],
    [{ to: 8.64e15 }, /^to is an invalid date\.$/],
    [{ from: undefined }, /^from must be a Date, or milliseconds since 1970\.$/],
    [{ from: null }, /^from must be a Date, or milliseconds since 1970\.$/],
    [{ from: "2026-11-19" }, /^from must be a Date, or milliseconds since 1970\.$/],
    [{ to: from }, /^to must be after from, by a second at least\.$/],
    [{ from: to, to: from }, /^to must be after from, by a second at least\.$/],
    [{ to: new Date(from.getTime() + 999) }, /^to must be after from, by a second at least\.$/],
    [
      { api: "message-events", to: new Date(from.getTime() + 59_999) },
      /^to must be after from, by a minute at least\.$/,
    ],
    [{ api: "Events" }, /^api cannot be "Events": it is one of "events", "message-events"\.$/],
    [{ events: "bounce" }, /^events must be a list of texts\.$/],
    [{ events: [1] }, /^events must be a list of texts\.$/],
    [{ events: [""] }, /^events holds an empty text\.$/],
    [{ filters: { campaigns: "spring" } }, /^campaigns must be a list of texts\.$/],
    [{ filters: { subaccounts: [101] } }, /^subaccounts must be a list of texts\.$/],
    [{ filters: { recipients: ["a@example.com", ""] } }, /^recipients holds an empty text\.$/],
    [{ filters: { recipients: [] } }, /^recipients is an empty list\.$/],
    [{ filters: { campaign: ["a"] } }, /^There is no filter campaign\.$/],
    [{ filters: null }, /^filters must be an object with a list for each filter\.$/],
    [{ filters: ["a"] }, /^filters must be an object with a list for each filter\.$/],
    [{ perPage: Number.NaN }, /^perPage must be a whole number/],
    [{ zone: "Europe/Berlin" }, /^zone must be a time zone\.$/],
  ])("a search for %o, and so do the others", async (search, message) => {
    await expectRefused(await exportWith({}, search), message);
    const connection = { apiKey: "a", host: "http://127.0.0.1:9", giveUpAfter: 1 };
    const whole = { from, to, ...search } as Search;
    const attempts = [
      () => countEvents(connection, whole),
      () => searchEvents(connection, whole).next(),
      async () => cutSearch(whole),
    ];
    for (const attempt of attempts) {
      await expect(attempt()).rejects.toThrow(message);
    }
  });
});

describe("times with milliseconds", () => {
  test("are rounded down at both ends, so that ranges which follow each other meet", async () => {
    const meeting = new Date("2026-11-19T12:30:15.999Z");
    const first = await exportWith({}, { to: meeting });
    const second = await exportWith({}, { from: meeting });
    expect(first.requests[0]).toContain("to=2026-11-19T12%3A30%3A15Z");
    expect(second.requests[0]).toContain("from=2026-11-19T12%3A30%3A15Z");
    expect(await readFile(join(first.cwd, "a.csv"), "utf8")).toContain("timestamp,type");
  });

  test("of the legacy API are rounded down to minutes", async () => {
    const { requests } = await exportWith(
      {},
      { api: "message-events", from: from.getTime() + 59_999, to: to.getTime() + 1 },
    );
    expect(requests[0]).toContain("from=2026-11-19T00%3A00&to=2026-11-19T23%3A59");
  });

  test("may be before 1970", async () => {
    const { requests } = await exportWith({}, { from: -1, to: 0 });
    expect(requests[0]).toContain("from=1969-12-31T23%3A59%3A59Z");
  });
});
