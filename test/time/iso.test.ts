import { describe, expect, test } from "vitest";
import {
  isAmbiguousLocal,
  toLocalDay,
  toLocalMinute,
  toLocalSecond,
  toUtcSeconds,
} from "../../src/time/iso.js";
import { resolveZone } from "../../src/time/zone.js";

const instant = Date.parse("2026-11-18T18:29:59.999Z");

test("UTC to the second", () => {
  expect(toUtcSeconds(instant)).toBe("2026-11-18T18:29:59Z");
  expect(toUtcSeconds(instant + 1)).toBe("2026-11-18T18:30:00Z");
});

test("local time in a zone that is not whole hours from UTC", () => {
  const kathmandu = resolveZone("Asia/Kathmandu");
  expect(toLocalSecond(instant, kathmandu)).toBe("2026-11-19T00:14:59");
  expect(toLocalMinute(instant, kathmandu)).toBe("2026-11-19T00:14");
  expect(toLocalDay(instant, kathmandu)).toBe("2026-11-19");
});

describe("isAmbiguousLocal", () => {
  test.each([
    ["Europe/Berlin", "2026-10-24T23:59:59.999Z", false],
    ["Europe/Berlin", "2026-10-25T00:00:00.000Z", true],
    ["Europe/Berlin", "2026-10-25T01:59:59.999Z", true],
    ["Europe/Berlin", "2026-10-25T02:00:00.000Z", false],
    ["Europe/Berlin", "2026-03-29T01:00:00.000Z", false],
    ["Australia/Lord_Howe", "2026-04-04T14:29:59.999Z", false],
    ["Australia/Lord_Howe", "2026-04-04T14:30:00.000Z", true],
    ["Australia/Lord_Howe", "2026-04-04T15:29:59.999Z", true],
    ["Australia/Lord_Howe", "2026-04-04T15:30:00.000Z", false],
    ["UTC", "2026-10-25T01:00:00.000Z", false],
  ])("%s, %s: %j", (zone, at, expected) => {
    expect(isAmbiguousLocal(Date.parse(at), resolveZone(zone))).toBe(expected);
  });
});
