import { describe, expect, test } from "vitest";
import { parse, utc } from "./parse.js";
import { usageError } from "./usage-error.js";

describe("clocks that change", () => {
  const later = "2027-01-01T00:00:00Z";

  test.each([
    // Clocks go back at 03:00 to 02:00.
    ["Europe/Berlin", "2026-10-25", undefined, "2026-10-24T22:00:00Z 2026-10-25T23:00:00Z"],
    [
      "Europe/Berlin",
      "2026-10-25T01",
      "2026-10-25T01",
      "2026-10-24T23:00:00Z 2026-10-25T00:00:00Z",
    ],
    [
      "Europe/Berlin",
      "2026-10-25T02",
      "2026-10-25T02",
      "2026-10-25T00:00:00Z 2026-10-25T02:00:00Z",
    ],
    [
      "Europe/Berlin",
      "2026-10-25T03",
      "2026-10-25T03",
      "2026-10-25T02:00:00Z 2026-10-25T03:00:00Z",
    ],
    [
      "Europe/Berlin",
      "2026-10-25T02:30",
      "2026-10-25T02:30",
      "2026-10-25T00:30:00Z 2026-10-25T01:31:00Z",
    ],
    [
      "Europe/Berlin",
      "2026-10-25T02:59:59",
      "2026-10-25T02:59:59",
      "2026-10-25T00:59:59Z 2026-10-25T02:00:00Z",
    ],
    // Clocks go forward at 02:00 to 03:00.
    ["Europe/Berlin", "2026-03-29", undefined, "2026-03-28T23:00:00Z 2026-03-29T22:00:00Z"],
    [
      "Europe/Berlin",
      "2026-03-29T01",
      "2026-03-29T02",
      "2026-03-29T00:00:00Z 2026-03-29T01:00:00Z",
    ],
    [
      "Europe/Berlin",
      "2026-03-29T02",
      "2026-03-29T03",
      "2026-03-29T01:00:00Z 2026-03-29T02:00:00Z",
    ],
    [
      "Europe/Berlin",
      "2026-03-29T02:30",
      "2026-03-29T03:00",
      "2026-03-29T01:00:00Z 2026-03-29T01:01:00Z",
    ],
    [
      "Europe/Berlin",
      "2026-03-29T01:59",
      "2026-03-29T02:30",
      "2026-03-29T00:59:00Z 2026-03-29T01:00:00Z",
    ],
    ["America/New_York", "2026-11-01", undefined, "2026-11-01T04:00:00Z 2026-11-02T05:00:00Z"],
    [
      "America/New_York",
      "2026-11-01T01",
      "2026-11-01T01",
      "2026-11-01T05:00:00Z 2026-11-01T07:00:00Z",
    ],
    ["America/New_York", "2026-03-08", undefined, "2026-03-08T05:00:00Z 2026-03-09T04:00:00Z"],
    // Midnight to 01:00 does not exist.
    ["Africa/Cairo", "2026-04-24", undefined, "2026-04-23T22:00:00Z 2026-04-24T21:00:00Z"],
    ["Africa/Cairo", "2026-04-24T00", "2026-04-24T01", "2026-04-23T22:00:00Z 2026-04-23T23:00:00Z"],
    ["Africa/Cairo", "2026-04-23", undefined, "2026-04-22T22:00:00Z 2026-04-23T22:00:00Z"],
    // 23:00 to midnight occurs twice.
    ["Africa/Cairo", "2026-10-29", undefined, "2026-10-28T21:00:00Z 2026-10-29T22:00:00Z"],
    ["Africa/Cairo", "2026-10-29T23", "2026-10-29T23", "2026-10-29T20:00:00Z 2026-10-29T22:00:00Z"],
    ["Africa/Cairo", "2026-10-30", undefined, "2026-10-29T22:00:00Z 2026-10-30T22:00:00Z"],
    // Midnight to 01:00 occurs twice.
    ["America/Havana", "2026-10-31", undefined, "2026-10-31T04:00:00Z 2026-11-01T04:00:00Z"],
    ["America/Havana", "2026-11-01", undefined, "2026-11-01T04:00:00Z 2026-11-02T05:00:00Z"],
    [
      "America/Havana",
      "2026-11-01T00",
      "2026-11-01T00",
      "2026-11-01T04:00:00Z 2026-11-01T06:00:00Z",
    ],
    ["America/Havana", "2026-03-08", undefined, "2026-03-08T05:00:00Z 2026-03-09T04:00:00Z"],
    // Half an hour back at 02:00, half an hour forward at 02:00.
    ["Australia/Lord_Howe", "2026-04-05", undefined, "2026-04-04T13:00:00Z 2026-04-05T13:30:00Z"],
    [
      "Australia/Lord_Howe",
      "2026-04-05T01",
      "2026-04-05T01",
      "2026-04-04T14:00:00Z 2026-04-04T15:30:00Z",
    ],
    [
      "Australia/Lord_Howe",
      "2026-04-05T01:29",
      "2026-04-05T01:29",
      "2026-04-04T14:29:00Z 2026-04-04T14:30:00Z",
    ],
    [
      "Australia/Lord_Howe",
      "2026-10-04T02",
      "2026-10-04T02",
      "2026-10-03T15:30:00Z 2026-10-03T16:00:00Z",
    ],
    ["Asia/Kathmandu", "2026-11-19", undefined, "2026-11-18T18:15:00Z 2026-11-19T18:15:00Z"],
    ["UTC", "2026-10-25", undefined, "2026-10-25T00:00:00Z 2026-10-26T00:00:00Z"],
    ["UTC", "2024-02-29", undefined, "2024-02-29T00:00:00Z 2024-03-01T00:00:00Z"],
    // December 30 was left out when the islands moved across the date line.
    ["Pacific/Apia", "2011-12-29", undefined, "2011-12-29T10:00:00Z 2011-12-30T10:00:00Z"],
    ["Pacific/Apia", "2011-12-31", undefined, "2011-12-30T10:00:00Z 2011-12-31T10:00:00Z"],
    ["Pacific/Apia", "2011-12-29", "2011-12-30", "2011-12-29T10:00:00Z 2011-12-30T10:00:00Z"],
    ["Pacific/Apia", "2011-12-30", "2011-12-31", "2011-12-30T10:00:00Z 2011-12-31T10:00:00Z"],
  ])("%s: %s to %s", (zone, from, to, expected) => {
    expect(utc(parse(from, to, { zone, now: later }))).toBe(expected);
  });

  test.each([
    ["in the last hour of a day of 25", "2026-10-25T22:30:00Z", "2026-10-24"],
    ["in the first hour after a day of 23", "2026-03-29T22:30:00Z", "2026-03-29"],
  ])("yesterday is the day before, %s", (_when, now, day) => {
    expect(parse("yesterday", undefined, { now }).fromName).toBe(day);
  });

  test.each([
    ["2011-12-31T00:00:00Z", "2011-12-29"],
    ["2012-01-01T00:00:00Z", "2011-12-31"],
  ])("yesterday is the day before, if one was left out the one before that (%s)", (now, day) => {
    const range = parse("yesterday", undefined, { zone: "Pacific/Apia", now });
    const expected = parse(day, undefined, { zone: "Pacific/Apia", now });
    expect(range).toEqual(expected);
  });

  test.each([
    ["Europe/Berlin", "2026-03-29T02", "2026-03-29T02"],
    ["Europe/Berlin", "2026-03-29T02:10", "2026-03-29T02:40"],
    ["Pacific/Apia", "2011-12-30", "2011-12-30"],
  ])("%s: nothing to export when %s to %s is skipped whole", (zone, from, to) => {
    expect(usageError(() => parse(from, to, { zone, now: later }))).toBe(
      `from "${from}" to "${to}" does not exist: clocks in ${zone} skip it.\n` +
        "For example: from 2026-12-31 to 2026-12-31 is that whole day, and so is 2026-12-31 alone.",
    );
  });

  test("a time that is skipped is not blamed when it is simply too early", () => {
    expect(usageError(() => parse("2026-03-29T05", "2026-03-29T02", { now: later }))).toContain(
      'to "2026-03-29T02" is not after from "2026-03-29T05".',
    );
  });
});
