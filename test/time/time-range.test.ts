import { describe, expect, test } from "vitest";
import { parse, utc } from "./parse.js";
import { usageError } from "./usage-error.js";

describe("a time names the whole unit it is written in", () => {
  const wholeDay = "2026-11-18T23:00:00Z 2026-11-19T23:00:00Z";

  test.each([
    ["2026-11-19", undefined, wholeDay],
    ["2026-11-19", "2026-11-19", wholeDay],
    ["2026-11-19T00", "2026-11-19T23", wholeDay],
    ["2026-11-19T00:00", "2026-11-19T23:59", wholeDay],
    ["2026-11-19T00:00:00", "2026-11-19T23:59:59", wholeDay],
    ["2026-11-19", "2026-11-19T23:59", wholeDay],
    ["2026-11-19T00:00", "2026-11-19", wholeDay],
    ["yesterday", undefined, wholeDay],
    ["Yesterday", "YESTERDAY", wholeDay],
    ["2026-11-17", "yesterday", "2026-11-16T23:00:00Z 2026-11-19T23:00:00Z"],
    ["2026-11-19T08", "2026-11-19T08", "2026-11-19T07:00:00Z 2026-11-19T08:00:00Z"],
    ["2026-11-19T08:30", "2026-11-19T08:30", "2026-11-19T07:30:00Z 2026-11-19T07:31:00Z"],
    ["2026-11-19T08:30:15", "2026-11-19T08:30:15", "2026-11-19T07:30:15Z 2026-11-19T07:30:16Z"],
    ["2026-11-19 08:30", "2026-11-19t09", "2026-11-19T07:30:00Z 2026-11-19T09:00:00Z"],
    [" 2026-11-19 ", " 2026-11-19 ", wholeDay],
    ["2026-11-20T08:30:14", "2026-11-20T08:30:14", "2026-11-20T07:30:14Z 2026-11-20T07:30:15Z"],
  ])("%j to %j", (from, to, expected) => {
    expect(utc(parse(from, to))).toBe(expected);
  });
});

describe("an offset decides over the zone", () => {
  test.each([
    ["2026-11-19Z", undefined, "2026-11-19T00:00:00Z 2026-11-20T00:00:00Z"],
    ["2026-11-19z", "2026-11-19z", "2026-11-19T00:00:00Z 2026-11-20T00:00:00Z"],
    ["2026-11-19+02:00", undefined, "2026-11-18T22:00:00Z 2026-11-19T22:00:00Z"],
    ["2026-11-19-0500", undefined, "2026-11-19T05:00:00Z 2026-11-20T05:00:00Z"],
    ["2026-11-19+14:00", undefined, "2026-11-18T10:00:00Z 2026-11-19T10:00:00Z"],
    ["2026-11-18-12", undefined, "2026-11-18T12:00:00Z 2026-11-19T12:00:00Z"],
    ["2026-11-19T08+02", "2026-11-19T08Z", "2026-11-19T06:00:00Z 2026-11-19T09:00:00Z"],
    ["2026-11-19T08:30+05:45", "2026-11-19", "2026-11-19T02:45:00Z 2026-11-19T23:00:00Z"],
    ["2026-11-19 08:30:15z", "2026-11-19T08:30:15Z", "2026-11-19T08:30:15Z 2026-11-19T08:30:16Z"],
  ])("%j to %j", (from, to, expected) => {
    expect(utc(parse(from, to))).toBe(expected);
  });

  test("also in an hour that occurs twice", () => {
    expect(utc(parse("2026-10-25T02+02:00", "2026-10-25T02+02:00"))).toBe(
      "2026-10-25T00:00:00Z 2026-10-25T01:00:00Z",
    );
    expect(utc(parse("2026-10-25T02+01:00", "2026-10-25T02+01:00"))).toBe(
      "2026-10-25T01:00:00Z 2026-10-25T02:00:00Z",
    );
  });
});

describe("now and durations name an instant", () => {
  test.each([
    ["24h", "now", "2026-11-19T07:30:15Z 2026-11-20T07:30:15Z"],
    ["7d", "90m", "2026-11-13T07:30:15Z 2026-11-20T06:00:15Z"],
    ["1h30m", "1.5m", "2026-11-20T06:00:15Z 2026-11-20T07:28:45Z"],
    ["24h", "2026-11-19T08:30", "2026-11-19T07:30:15Z 2026-11-19T07:31:00Z"],
    ["2026-11-19", "NOW", "2026-11-18T23:00:00Z 2026-11-20T07:30:15Z"],
    ["0.2s", "now", undefined],
    ["1s", "now", "2026-11-20T07:30:14Z 2026-11-20T07:30:15Z"],
  ])("%j to %j", (from, to, expected) => {
    if (expected === undefined) expect(() => parse(from, to)).toThrow("leaves no whole second");
    else expect(utc(parse(from, to))).toBe(expected);
  });

  test("a day is 24 hours as a duration, also when the calendar day is not", () => {
    const setting = { now: "2026-10-25T12:00:00Z" };
    expect(utc(parse("1d", "now", setting))).toBe("2026-10-24T12:00:00Z 2026-10-25T12:00:00Z");
  });
});

describe("names for files", () => {
  test.each([
    ["2026-11-19", undefined, "2026-11-19", "2026-11-19"],
    ["2026-11-19z", undefined, "2026-11-19Z", "2026-11-19Z"],
    ["2026-11-18T08", "2026-11-19 08:30", "2026-11-18T08", "2026-11-19T08-30"],
    [
      "2026-11-19t08:30+02:00",
      "2026-11-19T08:30:15z",
      "2026-11-19T08-30+02-00",
      "2026-11-19T08-30-15Z",
    ],
    ["today", undefined, "2026-11-20", "2026-11-20"],
    ["yesterday", "today", "2026-11-19", "2026-11-20"],
    ["24h", "now", "2026-11-19T08-30-15", "2026-11-20T08-30-15"],
    ["2026-11-19", "2026-11-30", "2026-11-19", "2026-11-30"],
  ])("%j to %j", (from, to, fromName, toName) => {
    expect(parse(from, to)).toMatchObject({ fromName, toName });
  });

  test("today is the day in the zone", () => {
    const setting = { zone: "Pacific/Apia", now: "2026-11-20T12:00:00Z" };
    expect(parse("today", undefined, setting)).toMatchObject({
      fromName: "2026-11-21",
      from: Date.parse("2026-11-20T11:00:00Z"),
    });
  });
});

describe("whole minutes for the legacy API", () => {
  const minutes = { granularity: "minute" } as const;

  test.each([
    ["24h", "now", "2026-11-19T07:30:00Z 2026-11-20T07:30:00Z"],
    ["today", undefined, "2026-11-19T23:00:00Z 2026-11-20T07:30:00Z"],
    ["2026-11-20T08:29", "2026-11-20T08:30", "2026-11-20T07:29:00Z 2026-11-20T07:30:00Z"],
    ["2026-11-20T08:00:00", "2026-11-20T08:09:59", "2026-11-20T07:00:00Z 2026-11-20T07:10:00Z"],
  ])("%j to %j", (from, to, expected) => {
    expect(utc(parse(from, to, minutes))).toBe(expected);
  });

  test("names end with the minute that an instant was rounded to", () => {
    expect(parse("24h", "now", minutes).toName).toBe("2026-11-20T08-30-00");
  });

  test.each([
    [
      "2026-11-19T08:30:15",
      "now",
      'from "2026-11-19T08:30:15" does not begin on a whole minute, and the legacy API takes nothing finer.\n' +
        "Write 2026-11-19T08:30, which names that whole minute.",
    ],
    [
      "2026-11-19",
      "2026-11-19 09:30:00+02:00",
      'to "2026-11-19 09:30:00+02:00" does not end on a whole minute, and the legacy API takes nothing finer.\n' +
        "Write 2026-11-19 09:30+02:00, which names that whole minute.",
    ],
    [
      "2026-11-20T08:30",
      "now",
      'from "2026-11-20T08:30" leaves no whole minute until now, 2026-11-20T08:30:15 in Europe/Berlin.\n' +
        "For example: from 2026-11-19 to 2026-11-19, or from 24h to now.",
    ],
  ])("refuses %j to %j", (from, to, expected) => {
    expect(usageError(() => parse(from, to, minutes))).toBe(expected);
  });
});

describe("notes", () => {
  const settling = "Events take a minute or so to arrive, so the newest may be missing.";
  const cut = (text: string) =>
    `"${text}" is not over, so the range ends now, at 2026-11-20T08:30:15 in Europe/Berlin. ${settling}`;
  const fresh = `The range ends less than 2 minutes ago. ${settling}`;

  test.each([
    ["today", undefined, [cut("today")]],
    ["yesterday", "2026-12-24", [cut("2026-12-24")]],
    ["yesterday", "9999-12-31", [cut("9999-12-31")]],
    ["yesterday", "2026-11-20T08", [cut("2026-11-20T08")]],
    ["yesterday", "2026-11-20T08:30:15", [cut("2026-11-20T08:30:15")]],
    ["yesterday", "2026-11-20T08:30:14", [fresh]],
    ["yesterday", "now", [fresh]],
    ["yesterday", "119s", [fresh]],
    ["yesterday", "2m", []],
    ["yesterday", "2026-11-20T08:28", [fresh]],
    ["yesterday", "2026-11-20T08:27", []],
    ["yesterday", undefined, []],
  ])("%j to %j", (from, to, notes) => {
    expect(parse(from, to).notes).toEqual(notes);
  });

  test("a range that ends exactly now is not cut", () => {
    const range = parse("2026-11-19", undefined, { zone: "UTC", now: "2026-11-20T00:00:00.000Z" });
    expect(range.to).toBe(Date.parse("2026-11-20T00:00:00Z"));
    expect(range.notes).toEqual([fresh]);
  });

  test("a range that ended exactly two minutes ago is complete", () => {
    expect(parse("yesterday", "2m", { now: "2026-11-20T07:30:15.000Z" }).notes).toEqual([]);
  });

  test("a range that is cut ends on a whole second", () => {
    expect(parse("today", undefined).to).toBe(Date.parse("2026-11-20T07:30:15.000Z"));
  });
});

describe("warnings", () => {
  const some =
    "SparkPost keeps events for 10 days: those before 2026-11-10T08:30:15 in Europe/Berlin may be missing.";

  test.each([
    ["10d", "now", []],
    ["240h1s", "now", [some]],
    ["2026-11-10T08:30:15", "now", []],
    ["2026-11-10T08:30:14", "now", [some]],
    ["2026-11-10T07:30:15", "now", [some]],
    // What begins earlier is refused.
    ["2026-11-10T07:30:14", "now", []],
    ["2026-11-10", undefined, []],
    ["2026-11-10T08", "2026-11-10T08:30:14", [some]],
    ["yesterday", "today", []],
  ])("%j to %j", (from, to, warnings) => {
    expect(parse(from, to).warnings).toEqual(warnings);
  });

  test("10d is not too old in whole minutes either", () => {
    expect(parse("10d", "now", { granularity: "minute" }).warnings).toEqual([]);
  });

  test.each([
    [20, "2026-10-31T08:30:14", "20 days", "2026-10-31T08:30:15"],
    [1.5, "2026-11-18T20:30:14", "36 hours", "2026-11-18T20:30:15"],
  ])("of a host that keeps events for %d days", (days, from, kept, border) => {
    const retention = days * 864e5;
    expect(parse(from, "now", { retention }).warnings).toEqual([
      `SparkPost keeps events for ${kept}: those before ${border} in Europe/Berlin may be missing.`,
    ]);
    expect(parse(border, "now", { retention }).warnings).toEqual([]);
    expect(parse("1971-01-01", "now", { retention: Number.POSITIVE_INFINITY }).warnings).toEqual(
      [],
    );
  });
});
