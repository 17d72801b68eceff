import fc from "fast-check";
import { expect, test } from "vitest";
import { wholeUnitFrom } from "../../src/time/local-time.js";
import { resolveZone } from "../../src/time/zone.js";
import { times } from "../support/random-numbers.js";
import { parse } from "./parse.js";

const hour = 36e5;
const zones = ["UTC", "Europe/Berlin", "America/New_York", "Asia/Kolkata", "Australia/Lord_Howe"];

test("the first whole hour or minute begins where it says, whatever clocks do", () => {
  fc.assert(
    fc.property(
      fc.constantFrom(...zones),
      fc.constantFrom("hour", "minute"),
      // Clocks change in Berlin and New York, in spring and autumn.
      fc.constantFrom(
        "2026-03-08T07:00Z",
        "2026-03-29T01:00Z",
        "2026-10-25T01:00Z",
        "2026-11-01T06:00Z",
      ),
      fc.integer({ min: -5 * hour, max: 5 * hour }),
      (zone, unit, change, distance) => {
        const instant = Date.parse(change) + distance;
        const { start, local } = wholeUnitFrom(
          instant,
          unit as "hour" | "minute",
          resolveZone(zone),
        );
        const written = new Date(local).toISOString().slice(0, unit === "hour" ? 13 : 16);
        expect(parse(written, "now", { zone }).from).toBe(start);
        expect(start).toBeGreaterThanOrEqual(instant);
        // Of an hour that occurs twice the first may begin too early, and so does the next.
        expect(start - instant).toBeLessThanOrEqual(3 * hour);
      },
    ),
    { numRuns: times(200, 2000) },
  );
});

test.each([
  ["2026-11-20T07:00:00Z", "hour", "2026-11-20T08"],
  ["2026-11-20T07:00:01Z", "hour", "2026-11-20T09"],
  ["2026-11-20T07:30:30Z", "minute", "2026-11-20T08:31"],
  ["2026-10-25T00:30:00Z", "hour", "2026-10-25T03"],
])("%s: %s", (instant, unit, written) => {
  const { local } = wholeUnitFrom(
    Date.parse(instant),
    unit as "hour" | "minute",
    resolveZone("Europe/Berlin"),
  );
  expect(new Date(local).toISOString().startsWith(written)).toBe(true);
});
