import { describe, expect, test } from "vitest";
import { parse } from "./parse.js";
import { usageError } from "./usage-error.js";

describe("errors name the argument and show what works", () => {
  const example =
    "For example: 2026-11-19, 2026-11-19T08:30, yesterday, or 24h for the time 24 hours ago.";
  const rangeExample = "For example: from 2026-11-19 to 2026-11-19, or from 24h to now.";
  const dayExample =
    "For example: from 2026-11-19 to 2026-11-19 is that whole day, and so is 2026-11-19 alone.";

  test("the examples work", () => {
    for (const from of ["2026-11-19", "2026-11-19T08:30", "yesterday", "24h"]) {
      expect(() => parse(from, "now")).not.toThrow();
    }
    expect(() => parse("2026-11-19", undefined)).not.toThrow();
  });

  test.each([
    ["2026-02-30", "there is no such day"],
    ["2025-02-29", "there is no such day"],
    ["2026-13-01", "there is no such day"],
    ["2026-00-10", "there is no such day"],
    ["2026-11-19T24", "hours go from 00 to 23"],
    ["2026-11-19T24:00", "hours go from 00 to 23"],
    ["2026-11-19T08:60", "minutes go from 00 to 59"],
    ["2026-11-19T08:30:60", "seconds go from 00 to 59"],
    ["2026-11-19+14:01", "offsets go from -12:00 to +14:00"],
    ["2026-11-19T08-13", "offsets go from -12:00 to +14:00"],
    ["2026-11-19T08:30+01:60", "offsets go from -12:00 to +14:00"],
  ])("%s is impossible", (text, problem) => {
    expect(usageError(() => parse(text, "now"))).toBe(
      `from "${text}" is impossible: ${problem}.\n${example}`,
    );
    expect(usageError(() => parse("yesterday", text))).toBe(
      `to "${text}" is impossible: ${problem}.\n${example}`,
    );
  });

  test.each([
    ["19.11.2026", "Write 2026-11-19."],
    ["9.1.2026", "Write 2026-01-09."],
    ["19.11.2026 8:30", "Write 2026-11-19T08:30."],
    ["11/19/2026", "Write 2026-11-19."],
    ["19/11/2026", "Write 2026-11-19."],
    ["03/04/2026", "Write 2026-03-04 or 2026-04-03: the year, the month, the day."],
    ["04/04/2026", "Write 2026-04-04."],
    ["2026/11/19", "Write 2026-11-19."],
    ["2026-1-9", "Write 2026-01-09."],
    ["20261119", "Write 2026-11-19."],
    ["2026-11-19T8", "Write 2026-11-19T08."],
    ["2026-11-19T8:5+02:00", "Write 2026-11-19T08:05+02:00."],
    ["2026-11-19 8:30 +02:00", "Write 2026-11-19T08:30+02:00."],
    ["2026-11-19T08:30:15.250Z", "Write 2026-11-19T08:30:15Z."],
    ["1795059015", "Write 2026-11-19T03:30:15Z."],
    ["1795059015250", "Write 2026-11-19T03:30:15Z."],
    ["", example],
    ["tomorrow", example],
    ["last week", example],
    ["31.02.2026", example],
    ["2026-11-19T8h", example],
    ["2026-11", example],
    ["yesteray", "Did you mean yesterday?"],
  ])("%j is in no known form", (text, hint) => {
    const message = `"${text}" is not a time in a form that is known here.\n${hint}`;
    expect(usageError(() => parse(text, "now"))).toBe(`from ${message}`);
    expect(usageError(() => parse("yesterday", text))).toBe(`to ${message}`);
  });

  test("a time without a date", () => {
    expect(usageError(() => parse("8:30", "now"))).toBe(
      'from "8:30" is a time without a date.\nJoin the two with a T, without a space: 2026-11-19T08:30.',
    );
    expect(usageError(() => parse("2026-11-18", "8:30:15"))).toBe(
      'to "8:30:15" is a time without a date.\nIf 2026-11-18 8:30:15 is one time, join the two with a T: 2026-11-18T08:30:15.',
    );
    expect(usageError(() => parse("2026-11-18T06", "08:30"))).toBe(
      'to "08:30" is a time without a date.\nJoin the two with a T, without a space: 2026-11-19T08:30.',
    );
  });

  test.each([
    ["1w", 'from "1w" is not a duration.'],
    ["24H", 'from "24H" is not a duration.'],
    ["-5m", 'from "-5m" is not a duration.'],
    ["90", 'from "90" has no unit.'],
    ["0h", 'from "0h" must be longer than zero.'],
  ])("%s is a duration gone wrong", (text, message) => {
    expect(usageError(() => parse(text, "now"))).toContain(message);
  });

  test.each([
    ["0026-11-19", "now", `from "0026-11-19" lies before 1970.\n${example}`],
    ["1969-12-31", "now", `from "1969-12-31" lies before 1970.\n${example}`],
    ["99999d", "now", `from "99999d" lies before 1970.\n${example}`],
    [`${"9".repeat(400)}d`, "now", `from "${"9".repeat(400)}d" lies before 1970.\n${example}`],
    ["yesterday", "99999d", `to "99999d" lies before 1970.\n${example}`],
    [
      "24h",
      undefined,
      'to is missing after from "24h": only a day can stand alone.\nFor example: from 24h to now.',
    ],
    [
      "2026-11-19T08",
      undefined,
      'to is missing after from "2026-11-19T08": only a day can stand alone.\n' +
        "For example: from 2026-11-19T08 to now.",
    ],
    ["2026-11-19", "2026-11-18", `to "2026-11-18" is not after from "2026-11-19".\n${dayExample}`],
    [
      "2026-11-19T08:30",
      "2026-11-19T08:29",
      `to "2026-11-19T08:29" is not after from "2026-11-19T08:30".\n${dayExample}`,
    ],
    ["1h", "24h", `to "24h" is not after from "1h".\n${dayExample}`],
    ["24h", "24h", `to "24h" is not after from "24h".\n${dayExample}`],
    [
      "2026-11-21",
      undefined,
      'from "2026-11-21" lies in the future: it is 2026-11-20T08:30:15 in Europe/Berlin.\n' +
        rangeExample,
    ],
    [
      "2026-11-20T08:30:16",
      "2026-11-30",
      'from "2026-11-20T08:30:16" lies in the future: it is 2026-11-20T08:30:15 in Europe/Berlin.\n' +
        rangeExample,
    ],
    [
      "now",
      "today",
      'from "now" leaves no whole second until now, 2026-11-20T08:30:15 in Europe/Berlin.\n' +
        rangeExample,
    ],
  ])("%j to %j", (from, to, expected) => {
    expect(usageError(() => parse(from, to))).toBe(expected);
  });

  test("a time that is just now leaves nothing, but is not called the future", () => {
    expect(
      usageError(() => parse("today", "now", { zone: "UTC", now: "2026-11-20T00:00:00Z" })),
    ).toBe(
      `from "today" leaves no whole second until now, 2026-11-20T00:00:00 in UTC.\n${rangeExample}`,
    );
  });
});
