import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { formatDuration, parseDuration } from "../../src/time/duration.js";
import { usageError } from "./usage-error.js";

const second = 1000;
const minute = 60 * second;
const hour = 60 * minute;
const day = 24 * hour;

describe("parseDuration", () => {
  test.each([
    ["1s", second],
    ["90s", 90 * second],
    ["90m", 90 * minute],
    ["24h", day],
    ["7d", 7 * day],
    ["1h30m", hour + 30 * minute],
    ["1d2h3m4s", day + 2 * hour + 3 * minute + 4 * second],
    ["1d30s", day + 30 * second],
    ["1.5h", hour + 30 * minute],
    ["0.25s", 250],
    ["0h5m", 5 * minute],
    [" 5m ", 5 * minute],
  ])("%s", (text, milliseconds) => {
    expect(parseDuration(text)).toBe(milliseconds);
  });

  test.each(["", "h", "-5m", "+5m", "500ms", "30m1h", "1h1h", ".5h", "1,5h"])(
    "refuses %j",
    (text) => {
      expect(usageError(() => parseDuration(text, "max-wait"))).toBe(
        `max-wait "${text}" is not a duration.\n` +
          "Write a number and a unit, in lower case: 90s, 90m, 24h, 7d or 1h30m.",
      );
    },
  );

  test.each([
    ["1w", "7d"],
    ["2 weeks", "14d"],
    ["24H", "24h"],
    ["5 m", "5m"],
    ["5sec", "5s"],
    ["1.5 hours", "1.5h"],
    ["7days", "7d"],
  ])("refuses %j, and says to write %s", (text, right) => {
    expect(usageError(() => parseDuration(text, "max-wait"))).toBe(
      `max-wait "${text}" is not a duration.\nWrite ${right}.`,
    );
    expect(parseDuration(right)).toBeGreaterThan(0);
  });

  test.each(["90", "1.5"])("refuses %s, which has no unit", (text) => {
    expect(usageError(() => parseDuration(text, "max-wait"))).toBe(
      `max-wait "${text}" has no unit.\n` +
        `Add s, m, h or d: ${text}s is that many seconds, ${text}m that many minutes.`,
    );
  });

  test.each(["0s", "0d0h", "0.0001s"])("refuses %s, which is zero", (text) => {
    expect(usageError(() => parseDuration(text))).toBe(
      `duration "${text}" must be longer than zero.\nFor example: 90s, 90m, 24h or 7d.`,
    );
  });

  test("sums whatever units are given", () => {
    const count = fc.integer({ min: 0, max: 10_000 });
    fc.assert(
      fc.property(count, count, count, fc.integer({ min: 1, max: 10_000 }), (d, h, m, s) => {
        expect(parseDuration(`${d}d${h}h${m}m${s}s`)).toBe(
          d * day + h * hour + m * minute + s * second,
        );
      }),
    );
  });
});

describe("formatDuration", () => {
  test.each([
    [0, "0 s"],
    [49, "0 s"],
    [800, "0.8 s"],
    [9_949, "9.9 s"],
    [9_950, "10 s"],
    [42_000, "42 s"],
    [59_499, "59 s"],
    [59_500, "1 min"],
    [3 * minute + 5 * second, "3 min 05 s"],
    [hour - 501, "59 min 59 s"],
    [hour - 500, "1 h"],
    [2 * hour + 14 * minute, "2 h 14 min"],
    [2 * hour + 4 * minute + 29 * second, "2 h 04 min"],
    [day - 31 * second, "23 h 59 min"],
    [day - 30 * second, "1 d"],
    [5 * day + 3 * hour, "5 d 3 h"],
    [5 * day - minute, "5 d"],
  ])("%d ms", (milliseconds, text) => {
    expect(formatDuration(milliseconds)).toBe(text);
  });
});
