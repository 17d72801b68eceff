import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { completeLayout, delimiters } from "../../src/csv/csv-layout.js";
import { createCsvReference } from "../../src/csv/csv-reference.js";
import { layoutOf } from "../projector/layouts.js";
import { createComparison } from "../projector/outcome.js";
import { createCsvConverter } from "../projector/stream-converter.js";
import { times } from "../support/random-numbers.js";

describe.each([
  ["the reference", createCsvReference],
  ["the projector", createCsvConverter],
] as const)("text that a spreadsheet would run, from %s", (_, create) => {
  function fieldOf(value: string, escapeFormulas: boolean): string {
    const converter = create(layoutOf(["x"], { escapeFormulas, quoteText: true }));
    const { content: csv } = converter.convert(Buffer.from(`{"results":[{"x":${value}}]}`));
    return Buffer.from(csv).toString().slice(1, -2).replaceAll('""', '"');
  }

  test.each<[text: string, escaped: string]>([
    ["=1+1", "'=1+1"],
    ["＝1", "'＝1"],
    ["-5", "'-5"],
    ["+49 30 1234", "'+49 30 1234"],
    ["@a", "'@a"],
    // Behind whatever may separate cells or rows.
    ["x;=1+41;y", "x;'=1+41;y"],
    ["x,-1|+1\t@a", "x,'-1|'+1\t'@a"],
    ["x;＋1;－1;＠1", "x;'＋1;'－1;'＠1"],
    ["x\n=1\r\n-1\r@a", "x\n'=1\r\n'-1\r'@a"],
    ["\t=1", "\t'=1"],
    ["\r-1", "\r'-1"],
    [";=;=", ";'=;'="],
    // Where a quote opens a cell, and what LibreOffice leaves out.
    ['x;"=1+1";y', 'x;"\'=1+1";y'],
    ['x; "=1+1";y', 'x; "\'=1+1";y'],
    ['x;""-1', 'x;""\'-1'],
    ["\0=1", "\0'=1"],
    ['x;\0"\0-1', "x;\0\"\0'-1"],
    // Where cells are trimmed, which nobody does who runs other signs.
    [" =1", " '=1"],
    ["x;  =1", "x;  '=1"],
    // A separator and sixteen bytes lie in two blocks.
    ["0123456789abcd;=1", "0123456789abcd;'=1"],
    ["0123456789abcde;=1", "0123456789abcde;'=1"],
    ["0123456789abcdef;=1", "0123456789abcdef;'=1"],
  ])("%j is escaped", (text, escaped) => {
    for (const json of [JSON.stringify(text), allEscaped(text)]) {
      expect(fieldOf(json, true)).toBe(escaped);
      expect(fieldOf(json, false)).toBe(text);
    }
  });

  test.each([
    "",
    "a",
    "a=b",
    "a -b",
    "'=1",
    "\u2028=1",
    "\ttab",
    "\rreturn",
    "; -5",
    "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)",
    "Sale | -50% | @home",
    ";a=1",
    ";！-1",
    "\uff1c1",
  ])("%j stays as it is", (text) => {
    for (const json of [JSON.stringify(text), allEscaped(text)]) {
      expect(fieldOf(json, true)).toBe(text);
    }
  });

  test.each<[json: string, escaped: string]>([
    ['{"a":";=1+1"}', `{"a":";'=1+1"}`],
    ['["=1","=2"]', `["=1","'=2"]`],
    ['{"a":"=1","-b":"-2"}', `{"a":"=1","'-b":"-2"}`],
    ['["x", "=1"]', `["x","'=1"]`],
    ['["x","\\u003d1"]', `["x","'=1"]`],
    ['["x;\\u003d1"]', `["x;'=1"]`],
    ['["x;\\u0022=1"]', '["x;\\"=1"]'],
    ['["x\\n=1"]', '["x\\n=1"]'],
    ['{"b":";=1","0":["x","+1"]}', `{"0":["x","'+1"],"b":";'=1"}`],
    // Not what is no string.
    ["[1,-5,-6.5]", "[1,-5,-6.5]"],
    ['{"a":-5,"b":[-6,-7]}', '{"a":-5,"b":[-6,-7]}'],
  ])("the JSON %s is escaped in its strings", (json, escaped) => {
    expect(fieldOf(json, true)).toBe(escaped);
    expect(fieldOf(json, false)).toBe(JSON.stringify(JSON.parse(json)));
  });

  test("numbers stay as they are", () => {
    const { content: csv } = create(layoutOf(["x", "y"])).convert(
      Buffer.from('{"results":[{"x":-5,"y":-76.8375}]}'),
    );
    expect(Buffer.from(csv).toString()).toBe("-5,-76.8375\n");
  });
});

function allEscaped(text: string): string {
  const units = Array.from({ length: text.length }, (_, at) => text.charCodeAt(at));
  return `"${units.map((unit) => `\\u${unit.toString(16).padStart(4, "0")}`).join("")}"`;
}

/** What formulas are made of, and what may stand before them. */
const nasty = fc.string({
  unit: fc.constantFrom(..."=+-@＝；,;|\t\r\n\"' \0\\1a"),
  maxLength: 24,
});
const values = fc.oneof(
  nasty,
  fc.array(nasty, { maxLength: 4 }),
  fc.dictionary(nasty, nasty, { maxKeys: 3 }),
  fc.constantFrom(-5, null, true),
);

test("no spreadsheet finds a formula, wherever it splits", () => {
  fc.assert(
    fc.property(
      fc.array(fc.array(values, { minLength: 3, maxLength: 3 }), { maxLength: 3 }),
      fc.constantFrom(...delimiters),
      fc.boolean(),
      fc.subarray([...delimiters]),
      fc.constantFrom("", " ", "\t", "\n"),
      (records, delimiter, quoteText, separators, spacing) => {
        const names = ["a", "b", "c"];
        const results = records.map((record) =>
          Object.fromEntries(record.map((value, index) => [names[index], value])),
        );
        const columns = [
          ...names.map((name) => ({ header: name, path: [name] })),
          { header: "event", path: [] },
        ];
        const layout = completeLayout({ columns, delimiter, quoteText });
        const { content: csv } = createCsvReference(layout).convert(
          Buffer.from(JSON.stringify({ results }, undefined, spacing)),
        );
        const formulas = cellsOf(Buffer.from(csv).toString(), separators).filter(runs);
        expect(formulas).toEqual([]);
      },
    ),
    { numRuns: times(300, 2_000) },
  );
});

test("any text is escaped by the projector as by the reference", () => {
  const compare = [true, false].map((quoteText) =>
    createComparison(layoutOf(["x"], { quoteText, delimiter: ";" })),
  );
  fc.assert(
    fc.property(values, fc.nat({ max: 20 }), (value, before) => {
      const json = JSON.stringify([
        value,
        typeof value === "string" ? "x".repeat(before) + value : "",
      ]);
      for (const one of [json, JSON.stringify(value)]) {
        const spelt = one.replaceAll("1", "\\u003d").replaceAll("a", "\\u003b");
        compare.forEach((same) => {
          same(`{"results":[{"x":${one}},{"x":${spelt}}]}`);
        });
      }
    }),
    { numRuns: times(300, 2_000) },
  );
});

/** Splits as Excel does, which takes a quote for one at the start of a cell only. */
function cellsOf(csv: string, separators: readonly string[]): string[] {
  const ends = new Set([...separators, "\n", "\r"]);
  const cells: string[] = [];
  for (let at = 0; at < csv.length; at++) {
    let cell = "";
    let quoted = csv[at] === '"';
    if (quoted) {
      at++;
    }
    for (; at < csv.length && (quoted || !ends.has(csv[at] ?? "")); at++) {
      if (!quoted || csv[at] !== '"') {
        cell += csv[at];
      } else if (csv[at + 1] === '"') {
        cell += '"';
        at++;
      } else {
        quoted = false;
      }
    }
    cells.push(cell);
  }
  return cells;
}

/** Whether a spreadsheet may run a cell: numbers in lists are no formulas. */
function runs(cell: string): boolean {
  const shown = cell.replaceAll("\0", "");
  return (
    (/^[+\-@＝＋－＠]/.test(shown) && !/^-5\b/.test(shown)) || shown.trimStart().startsWith("=")
  );
}
