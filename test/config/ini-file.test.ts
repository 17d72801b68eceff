import { describe, expect, test } from "vitest";
import { parseIni } from "../../src/config/ini-file.js";

function values(text: string): Record<string, string> {
  return Object.fromEntries(parseIni(text, "a.ini").map(({ key, value }) => [key, value]));
}

describe("a value", () => {
  test.each<[string, string, string]>([
    ["stands behind =", "Key = value", "value"],
    ["stands behind :", "Key: value", "value"],
    ["needs no white space", "Key=value", "value"],
    ["may be blank", "Key =", ""],
    ["may contain = and :", "Key = a=b:c", "a=b:c"],
    ["may contain ;", "Key = a;b ; c", "a;b ; c"],
    ["may contain #", "Key = a#b # c", "a#b # c"],
    ["may contain quotes", `Key = "a" 'b'`, `"a" 'b'`],
    ["may stand in quotes, which stay", 'Key = "a"', '"a"'],
    ["may contain backslashes", "Key = a\\b\\", "a\\b\\"],
    ["may be a word that means something elsewhere", "Key = true", "true"],
    ["may go on in indented lines", "Key = a,\n  b,\n\tc", "a,\nb,\nc"],
    ["may begin in the next line", "Key =\n  a,\n  b", "a,\nb"],
    ["may go on after a comment or a blank line", "Key = a,\n# no\n  ; no\n\n  b", "a,\nb"],
    ["may go on with a line that has =", "Key = a\n  b = c", "a\nb = c"],
    ["may go on with a line in brackets", "Key = a\n  [b]", "a\n[b]"],
    ["loses white space around it", "Key =   a  ", "a"],
  ])("%s", (_, text, value) => {
    expect(values(`[SparkPost]\n${text}\n`)).toEqual({ Key: value });
  });
});

describe("a file", () => {
  test("may have CRLF and a byte order mark", () => {
    expect(values("\ufeff[SparkPost]\r\nA = 1,\r\n  2\r\nB = 3\r\n")).toEqual({
      A: "1,\n2",
      B: "3",
    });
  });

  test("may have other sections", () => {
    expect(values("[Other]\nA = 1\n[SparkPost]\nA = 2\n[More]\nA = 3\n")).toEqual({ A: "2" });
  });

  test("may have an indented section", () => {
    expect(values("[SparkPost]\n  A = 1\n  B = 2\n    3\n  C = 4\n")).toEqual({
      A: "1",
      B: "2\n3",
      C: "4",
    });
  });

  test("tells the line of each key", () => {
    const entries = parseIni("# head\n[SparkPost]\n\nA = 1,\n 2\nB = 3\n", "a.ini");
    expect(entries.map(({ key, line }) => [key, line])).toEqual([
      ["A", 4],
      ["B", 6],
    ]);
  });

  test("may have keys that JavaScript knows", () => {
    const entries = parseIni("[SparkPost]\nconstructor = 1\n__proto__ = 2\ntoString = 3", "a.ini");
    expect(entries.map(({ key, value }) => [key, value])).toEqual([
      ["constructor", "1"],
      ["__proto__", "2"],
      ["toString", "3"],
    ]);
  });

  test("may have sections whose names have dots or are known to JavaScript", () => {
    const others = "[SparkPost.Events]\nA = 1\n[__proto__]\nA = 2\n[constructor]\nA = 3\n";
    expect(values(`${others}[SparkPost]\nA = 4\n`)).toEqual({ A: "4" });
    expect(() => values(others)).toThrow("a.ini has no section [SparkPost].");
  });

  test.each([
    ["value", "Recipients = a"],
    ["section header", "[More]"],
    ["blank value", "Recipients ="],
  ])("may go on with 200,000 indented lines after a %s in no time", (_, line) => {
    const text = `[SparkPost]\n${line}\n${"  x@example.com = 1\n".repeat(200_000)}`;
    const before = process.cpuUsage();
    parseIni(text, "a.ini");
    // A search from the beginning at each line takes minutes.
    expect(process.cpuUsage(before).user).toBeLessThan(3_000_000);
  });

  test.each([
    ["A = 1", "a.ini, line 1: A stands before any section."],
    ["", "a.ini has no section [SparkPost]."],
    ["[Other]\nA = 1", "a.ini has no section [SparkPost]."],
    ["[SparkPost]\nnonsense", 'a.ini, line 2: "nonsense" is not a setting.'],
    ["[SparkPost]\n= 1", 'a.ini, line 2: "= 1" is not a setting.'],
    [
      "[SparkPost]\nEvents = a\n\nevents = b",
      "a.ini, line 4: events is given twice, first in line 2.",
    ],
    [
      "[SparkPost]\nPerPage = 1\nper_page = 2",
      "a.ini, line 3: per_page is given twice, first in line 2.",
    ],
    [
      "[SparkPost]\n0123456789abcdef0123456789abcdef01234567",
      'a.ini, line 2: "0123456789ab…" is not a setting.',
    ],
  ])("%j is refused", (text, message) => {
    expect(() => values(text)).toThrow(message);
  });
});
