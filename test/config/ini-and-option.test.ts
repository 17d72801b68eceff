import fc from "fast-check";
import { expect, test } from "vitest";
import type { SettingSources } from "../../src/config/given.js";
import { parseIni } from "../../src/config/ini-file.js";
import { resolveSettings } from "../../src/config/settings.js";
import { times } from "../support/random-numbers.js";

/** What a reader of lines, quotes, numbers or objects of its own would stumble over. */
const traps = [
  ..."\u2028\u2029\u0085\v\f\0\u001b\u007f\ufeff\u00a0\u00ad\u200b\u202e\\\"'`=:;#[]{}$%()@,\t ",
  ..."\ud800\udfff",
  ...[
    "undefined",
    "null",
    "true",
    "__proto__",
    "constructor",
    "\\u2028",
    "$" + "{HOME}",
    "%(x)s",
    "%%",
  ],
];
const anyText = fc
  .array(fc.oneof(fc.string({ unit: "binary" }), fc.constantFrom(...traps)), { maxLength: 6 })
  .map((parts) => parts.join(""));

test.each([
  ["Recipients", "recipients"],
  ["Subjects", "subjects"],
  ["Properties", "properties"],
])("any text is the same value of %s in the ini file and as an option", (key, option) => {
  fc.assert(
    fc.property(anyText, fc.boolean(), (text, quoted) => {
      // As a file can hold it: a value on a line, and in UTF-8, which has no lone surrogates.
      const line = text.replaceAll(/[\r\n]/g, "").toWellFormed();
      const value = quoted ? `"${line.replaceAll('"', '""')}"` : line.trim();
      fc.pre(value !== "");
      const escaped = value.replaceAll("%", "%%");
      const entries = parseIni(`[SparkPost]\n${key} = ${escaped}\n`, "a.ini");
      expect(entries).toHaveLength(1);
      expect(outcome({ options: {}, ini: { name: "a.ini", entries } })).toEqual(
        outcome({ options: { [option]: value } }),
      );
    }),
    { numRuns: times(200, 2000) },
  );
});

/** What comes of it, or what is wrong with it, wherever it stands. */
function outcome(sources: SettingSources) {
  try {
    const { filters, columns } = resolveSettings(sources).settings;
    return { filters, columns };
  } catch (error) {
    return String(error).replace(/(--[a-z]+|a\.ini, line \d+: \w+):?/, "");
  }
}

test("any text can be a key", () => {
  fc.assert(
    fc.property(anyText, (text) => {
      const key = text.replaceAll(/[\r\n=:]/g, "").trim();
      fc.pre(key !== "" && !/^[#;[]/.test(key));
      expect(parseIni(`[SparkPost]\n${key} = value\n`, "a.ini")).toMatchObject([
        { key, value: "value" },
      ]);
    }),
    { numRuns: times(200, 2000) },
  );
});
