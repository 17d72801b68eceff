import fc from "fast-check";
import type { Zone } from "luxon";
import { describe, expect, test } from "vitest";
import { toLocalDay, toLocalMinute, toLocalSecond, toUtcSeconds } from "../../src/time/iso.js";
import { resolveZone } from "../../src/time/zone.js";
import { times } from "../support/random-numbers.js";
import { parse, utc } from "./parse.js";

function toLocalHour(instant: number, zone: Zone): string {
  return toLocalMinute(instant, zone).slice(0, "2026-11-19T08".length);
}

describe("for every instant, in every zone", () => {
  const zones = [
    "Africa/Cairo",
    "America/Havana",
    "America/New_York",
    "Asia/Kathmandu",
    "Australia/Lord_Howe",
    "Europe/Berlin",
    "Pacific/Apia",
    "UTC",
  ];
  const zone = fc.constantFrom(...zones);
  /** Days around which at least one of the zones changes its clocks. */
  const changes = [
    "2011-12-30",
    "2026-03-08",
    "2026-03-29",
    "2026-04-05",
    "2026-04-24",
    "2026-10-04",
    "2026-10-25",
    "2026-10-29",
    "2026-11-01",
  ].map((day) => Date.parse(day));
  const hour = 3_600_000;
  const instant = fc.oneof(
    fc.integer({ min: Date.parse("2005-01-01"), max: Date.parse("2029-12-31") }),
    fc
      .tuple(fc.constantFrom(...changes), fc.integer({ min: -24 * hour, max: 48 * hour }))
      .map(([day, distance]) => day + distance),
  );
  const check = (property: (zone: string, instant: number) => void) =>
    fc.assert(fc.property(zone, instant, property), { numRuns: times(200, 2000) });

  const inFuture = { now: "2030-06-01T00:00:00Z" };
  const rangeOf = (zoneName: string, from: string, to = from) =>
    parse(from, to, { ...inFuture, zone: zoneName });

  test.each([
    ["day", toLocalDay],
    ["hour", toLocalHour],
    ["minute", toLocalMinute],
    ["second", toLocalSecond],
  ])("the local %s it is in contains it", (_unit, write) => {
    check((zoneName, at) => {
      const range = rangeOf(zoneName, write(at, resolveZone(zoneName)));
      expect(range.from).toBeLessThanOrEqual(at);
      expect(range.to).toBeGreaterThan(at);
    });
  });

  test.each([
    ["day", toLocalDay],
    ["hour", toLocalHour],
  ])("the next local %s begins where its own ends", (_unit, write) => {
    check((zoneName, at) => {
      const named = resolveZone(zoneName);
      const own = rangeOf(zoneName, write(at, named));
      const next = rangeOf(zoneName, write(own.to, named));
      expect(next.from).toBe(own.to);
      expect(write(own.to - 1, named)).toBe(write(at, named));
      expect(write(own.to, named)).not.toBe(write(at, named));
    });
  });

  test("its day is the same in hours, minutes and seconds", () => {
    check((zoneName, at) => {
      const day = toLocalDay(at, resolveZone(zoneName));
      const expected = utc(rangeOf(zoneName, day));
      expect(utc(rangeOf(zoneName, `${day}T00`, `${day}T23`))).toBe(expected);
      expect(utc(rangeOf(zoneName, `${day}T00:00`, `${day}T23:59`))).toBe(expected);
      expect(utc(rangeOf(zoneName, `${day}T00:00:00`, `${day}T23:59:59`))).toBe(expected);
    });
  });

  test("its hour is the same in minutes", () => {
    check((zoneName, at) => {
      const hourText = toLocalHour(at, resolveZone(zoneName));
      expect(utc(rangeOf(zoneName, `${hourText}:00`, `${hourText}:59`))).toBe(
        utc(rangeOf(zoneName, hourText)),
      );
    });
  });

  test("its second with an offset is that second", () => {
    check((zoneName, at) => {
      const text = toUtcSeconds(at);
      const range = rangeOf(zoneName, text);
      expect(toUtcSeconds(range.from)).toBe(text);
      expect(range.to - range.from).toBe(1000);
    });
  });
});
