import { describe, expect, test } from "vitest";
import { ApiClient } from "../../src/api/client.js";
import { firstPagePath, type Search } from "../../src/api/search.js";
import { searchFilters } from "../../src/api/search-filters.js";
import { resolveZone } from "../../src/time/zone.js";

const range = { from: Date.UTC(2026, 10, 19), to: Date.UTC(2026, 10, 20) };

function parametersOf(search: Partial<Search>): Record<string, string> {
  const [path = "", query] = firstPagePath({ ...range, ...search }).split("?");
  return { path, ...Object.fromEntries(new URLSearchParams(query)) };
}

describe("the Events API", () => {
  test("is asked in UTC, from inclusive, to exclusive", () => {
    expect(parametersOf({ perPage: 500 })).toEqual({
      path: "/api/v1/events/message",
      cursor: "initial",
      from: "2026-11-19T00:00:00Z",
      to: "2026-11-20T00:00:00Z",
      per_page: "500",
    });
  });

  test("takes types and every filter, with commas as they are", () => {
    const ofText = searchFilters.filter(({ name }) => name !== "bounce_classes");
    const filters = Object.fromEntries(ofText.map(({ name }) => [name, [`${name} 1`, "ü&=+"]]));
    const path = firstPagePath({ ...range, events: ["open", "click"], filters });
    expect(path).toContain("&events=open,click&");
    expect(path).toContain("&recipients=recipients%201,%C3%BC%26%3D%2B&");
    for (const { name } of ofText) {
      expect(parametersOf({ filters })[name]).toBe(`${name} 1,ü&=+`);
    }
    const codes = { bounce_classes: ["10", "30"] };
    expect(parametersOf({ filters: codes }).bounce_classes).toBe("10,30");
  });
});

describe("values with a comma in them", () => {
  test.each([
    [["a", "b"], undefined],
    [["Hello, world", "Sale"], "~"],
    [["Hello, world", "~"], "!"],
    [["a,b~c!d*e", "f'(g)|"], ";"],
  ])("%j are separated by another character", (subjects, delimiter) => {
    for (const api of ["events", "message-events"] as const) {
      const filters = api === "events" ? { subjects } : { reasons: subjects };
      const parameters = parametersOf({ api, filters, events: ["click", "open"] });
      expect(parameters.delimiter).toBe(delimiter);
      expect(parameters.events).toBe(`click${delimiter ?? ","}open`);
      expect(parameters.subjects ?? parameters.reason).toBe(subjects.join(delimiter ?? ","));
    }
  });

  test("that leave no character free are refused", () => {
    const all = Array.from({ length: 128 }, (_, code) => String.fromCharCode(code)).join("");
    expect(() => parametersOf({ filters: { subjects: [all] } })).toThrow(
      "The values of the filters leave no character to separate them with.",
    );
  });
});

describe("the legacy API", () => {
  const legacy = { api: "message-events", zone: resolveZone("America/New_York") } as const;

  test("is asked in local time, both ends inclusive to the minute, under its own names", () => {
    const filters = {
      campaigns: ["a"],
      templates: ["b"],
      from_addresses: ["c"],
      reasons: ["d"],
      messages: ["e"],
      transmissions: ["f"],
      ab_tests: ["g"],
      recipients: ["h"],
      bounce_classes: ["10"],
      subaccounts: ["101"],
    };
    expect(parametersOf({ ...legacy, filters, events: ["bounce"] })).toEqual({
      path: "/api/v1/message-events",
      page: "1",
      from: "2026-11-18T19:00",
      to: "2026-11-19T18:59",
      timezone: "America/New_York",
      per_page: "10000",
      events: "bounce",
      campaign_ids: "a",
      template_ids: "b",
      friendly_froms: "c",
      reason: "d",
      message_ids: "e",
      transmission_ids: "f",
      ab_test_ids: "g",
      recipients: "h",
      bounce_classes: "10",
      subaccounts: "101",
    });
  });

  test("is asked in UTC where a local time would occur twice", () => {
    // In New York, clocks go back from 2:00 to 1:00 on 1 November 2026, at 6:00 UTC.
    const from = Date.UTC(2026, 10, 1, 6, 30);
    expect(parametersOf({ ...legacy, from, to: from + 3_600_000 })).toMatchObject({
      from: "2026-11-01T06:30",
      to: "2026-11-01T07:29",
      timezone: "UTC",
    });
  });

  test.each(["recipient_domains", "sending_domains", "subjects", "ip_pools", "sending_ips"])(
    "has no filter %s",
    (name) => {
      expect(() => parametersOf({ ...legacy, filters: { [name]: ["x"] } })).toThrow(
        `The legacy API (--api message-events) has no filter ${name}.`,
      );
    },
  );
});

describe("a search that makes no sense is refused", () => {
  test.each<[object, string]>([
    [{ from: range.to, to: range.from }, "to must be after from, by a second at least."],
    [{ from: new Date("nonsense") }, "from is an invalid date."],
    [{ perPage: 0 }, "perPage must be a whole number from 1 to 10000."],
    [{ perPage: 10_001 }, "perPage must be a whole number from 1 to 10000."],
    [{ filters: { campaign: ["x"] } }, "There is no filter campaign."],
    [{ filters: { campaigns: "x" } }, "campaigns must be a list of texts."],
    [{ events: "bounce" }, "events must be a list of texts."],
  ])("%j", (search, message) => {
    expect(() => parametersOf(search)).toThrow(message);
  });
});

describe("a connection that makes no sense is refused", () => {
  const apiKey = "0123456789abcdef0123456789abcdef01234567";

  test.each<[object, string]>([
    [{ apiKey: "" }, "apiKey does not look like an API key."],
    [{ apiKey: undefined }, "apiKey does not look like an API key."],
    [{ apiKey: `${apiKey}\r\nX: y` }, "apiKey does not look like an API key."],
    [{ concurrency: 0 }, "concurrency must be a whole number from 1 to 32."],
    [{ concurrency: 99 }, "concurrency must be a whole number from 1 to 32."],
    [{ proxy: { httpsProxy: "not an address" } }, "HTTPS_PROXY is not the address of a proxy."],
  ])("%j", (connection, message) => {
    expect(() => new ApiClient({ apiKey, ...connection })).toThrow(message);
  });
});
