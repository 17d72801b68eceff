import fc from "fast-check";
import { IANAZone } from "luxon";
import { describe, expect, test } from "vitest";
import { periodsIn } from "../../src/sync/period.js";

const day = 864e5;
const zones = [
  "UTC",
  "Europe/Berlin",
  "America/New_York",
  "America/St_Johns",
  "America/Havana",
  "America/Asuncion",
  "Asia/Kathmandu",
  "Asia/Kolkata",
  "Asia/Beirut",
  "Australia/Lord_Howe",
  "Pacific/Apia",
  "Pacific/Chatham",
  "Africa/Casablanca",
].map((name) => IANAZone.create(name));

function named(from: string, to: string, zone: string, by: "day" | "hour") {
  return periodsIn(Date.parse(from), Date.parse(to), IANAZone.create(zone), by).map((period) => [
    period.name,
    new Date(period.from).toISOString().replace(".000Z", "Z"),
    (period.to - period.from) / 36e5,
  ]);
}

test.each(["day", "hour"] as const)("each instant belongs to one %s, under one name", (by) => {
  fc.assert(
    fc.property(
      fc.constantFrom(...zones),
      fc.integer({ min: Date.UTC(2005, 0), max: Date.UTC(2035, 0) }),
      fc.integer({ min: 1, max: 20 * day }),
      (zone, from, length) => {
        const periods = periodsIn(from, from + length, zone, by);
        expect(periods[0]?.from).toBeLessThanOrEqual(from);
        expect(periods.at(-1)?.to).toBeGreaterThanOrEqual(from + length);
        for (const [index, period] of periods.entries()) {
          expect(period.to).toBeGreaterThan(period.from);
          expect(period.from).toBe(periods[index - 1]?.to ?? period.from);
        }
        expect(new Set(periods.map(({ name }) => name)).size).toBe(periods.length);
      },
    ),
    { numRuns: 60 },
  );
});

test.each(["day", "hour"] as const)("a %s is the same in every range that touches it", (by) => {
  fc.assert(
    fc.property(
      fc.constantFrom(...zones),
      fc.integer({ min: Date.UTC(2005, 0), max: Date.UTC(2035, 0) }),
      fc.integer({ min: 1, max: 3 * day }),
      (zone, from, before) => {
        const [alone] = periodsIn(from, from + 1, zone, by);
        expect(periodsIn(from - before, from + 1, zone, by).at(-1)).toEqual(alone);
      },
    ),
    { numRuns: 100 },
  );
});

describe("where clocks change", () => {
  test("days have 23 and 25 hours", () => {
    expect(named("2026-03-28T23:00:00Z", "2026-03-29T22:00:00Z", "Europe/Berlin", "day")).toEqual([
      ["2026-03-29", "2026-03-28T23:00:00Z", 23],
    ]);
    expect(named("2026-10-24T22:00:00Z", "2026-10-25T23:00:00Z", "Europe/Berlin", "day")).toEqual([
      ["2026-10-25", "2026-10-24T22:00:00Z", 25],
    ]);
  });

  test("an hour that occurs twice is two periods, told apart by the offset", () => {
    expect(named("2026-10-24T23:00:00Z", "2026-10-25T03:00:00Z", "Europe/Berlin", "hour")).toEqual([
      ["2026-10-25T01", "2026-10-24T23:00:00Z", 1],
      ["2026-10-25T02+0200", "2026-10-25T00:00:00Z", 1],
      ["2026-10-25T02+0100", "2026-10-25T01:00:00Z", 1],
      ["2026-10-25T03", "2026-10-25T02:00:00Z", 1],
    ]);
  });

  test("an hour of which half occurs twice", () => {
    const zone = "Australia/Lord_Howe";
    expect(named("2026-04-04T14:00:00Z", "2026-04-04T16:30:00Z", zone, "hour")).toEqual([
      ["2026-04-05T01+1100", "2026-04-04T14:00:00Z", 1],
      ["2026-04-05T01+1030", "2026-04-04T15:00:00Z", 0.5],
      ["2026-04-05T02", "2026-04-04T15:30:00Z", 1],
    ]);
  });

  test("a day that the calendar skips is none", () => {
    expect(
      named("2011-12-29T10:00:00Z", "2011-12-31T10:00:00Z", "Pacific/Apia", "day").map(
        ([name]) => name,
      ),
    ).toEqual(["2011-12-29", "2011-12-31"]);
  });
});

test("hours begin where the zone's clocks strike", () => {
  expect(named("2026-11-19T00:00:00Z", "2026-11-19T01:00:00Z", "Asia/Kathmandu", "hour")).toEqual([
    ["2026-11-19T05", "2026-11-18T23:15:00Z", 1],
    ["2026-11-19T06", "2026-11-19T00:15:00Z", 1],
  ]);
});
