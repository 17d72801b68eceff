import { parse } from "csv-parse/sync";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type CsvLayoutParts, completeLayout, delimiters } from "../../src/csv/csv-layout.js";
import { createCsvReference } from "../../src/csv/csv-reference.js";
import { csvFormat } from "../../src/formats/csv-format.js";
import { answer } from "../projector/json-texts.js";
import { compareConverters } from "../projector/outcome.js";
import { createCsvConverter } from "../projector/stream-converter.js";
import { times } from "../support/random-numbers.js";

const event = { header: "event", path: [] };
const x = { header: "x", path: ["x"] };

/** Texts as SparkPost may send them, and such as it should not. */
const texts = [
  "{}",
  "{ }",
  "{\t}",
  "{\r\n}",
  '{"x":1}',
  '{"x":""}',
  '{ "x" : [ 1 , { } ] , "b":null }',
  '{\r\n\t"x": 1,\r\n\t"b": [\r\n\t\t2.50\r\n\t]\r\n}',
  '{"x":12345678901234567890,"a":39.10,"b":1E+5,"c":-0,"d":1e999}',
  '{"x":"\\u0000\\u00e9\\/\\ud83d\\ude00\\ud83d\\udc00x\\udc00é😀\\\\","b":"\\"\\r\\n\\t"}',
  '{"x":1,"x":2,"0":3,"__proto__":{"y":4}}',
  `{"x":"${'\\"'.repeat(40)}","${"k".repeat(70)}":{"a":[[[{"b":"c;d|e,f"}]]]}}`,
  `{"subject":"${"Füße, \\u20ac; ".repeat(1_800)}","x":7}`,
  `{"x":${"[".repeat(500)}${"]".repeat(500)}}`,
  `{"x":"${"=".repeat(100)}","b":"${"\\\\".repeat(50)}"}`,
] as const;

describe.each([
  ["the reference", createCsvReference],
  ["the projector", createCsvConverter],
] as const)("the whole event, from %s", (_, create) => {
  function csvOf(body: string, parts: Partial<CsvLayoutParts> = {}): string {
    const layout = completeLayout({ columns: [event], escapeFormulas: false, ...parts });
    return Buffer.from(create(layout).convert(Buffer.from(body)).content).toString();
  }

  test.each(delimiters)(
    "is what came, on one line, by another reader: delimiter %j",
    (delimiter) => {
      const body = `{"results":[${texts.join(",")}],"total_count":${texts.length}}`;
      for (const quoteText of [false, true]) {
        const csv = csvOf(body, {
          columns: [x, event, { ...event, header: "again" }],
          delimiter,
          quoteText,
        });
        const records: string[][] = parse(csv, { delimiter });
        const expected = texts.map((text) => text.replaceAll(/[\r\n]/g, ""));
        expect(records.map(([, one]) => one)).toEqual(expected);
        expect(records.map(([, , other]) => other)).toEqual(expected);
      }
    },
  );

  test("has quotes where a field of CSV needs them", () => {
    expect(csvOf('{"results":[{},{"a":"b"},{\t}]}')).toBe('{}\n"{""a"":""b""}"\n{\t}\n');
    expect(csvOf('{"results":[{},{\t}]}', { delimiter: "\t" })).toBe('{}\n"{\t}"\n');
    expect(csvOf('{"results":[{}]}', { quoteText: true })).toBe('"{}"\n');
  });

  test("is right wherever its quotes lie among the bytes that are taken at once", () => {
    for (let before = 0; before < 34; before++) {
      for (const inside of ["", '\\"', '","b":"', "\\\\", '\\"\\"\\"']) {
        const text = `{"${"k".repeat(before)}":"${inside}"}`;
        expect(csvOf(`{"results":[${text}]}`)).toBe(`"${text.replaceAll('"', '""')}"\n`);
        const broken = text.replace("{", "{\n").replace(/\}$/, "\r\n}");
        expect(csvOf(`{"results":[${broken}]}`)).toBe(`"${text.replaceAll('"', '""')}"\n`);
      }
    }
  });

  test.each<[text: string, escaped: string]>([
    ['{"a":"=1"}', '{"a":"=1"}'],
    ['{"=a":1}', '{"=a":1}'],
    ['{"a":1,"=b":2}', `{"a":1,"'=b":2}`],
    ['{"a":1, "=b":2}', `{"a":1, "'=b":2}`],
    ['{"a":1, "+b":2}', '{"a":1, "+b":2}'],
    ['{"a":1,\t"+b":2}', `{"a":1,\t"'+b":2}`],
    ['{"a":1,\r\n"@b":2}', `{"a":1,"'@b":2}`],
    ['{"a":\t"=1"}', `{"a":\t"'=1"}`],
    ['{"a":["x","-5",-5,\t-6, -7]}', `{"a":["x","'-5",-5,\t-6, -7]}`],
    ['{"a":"x,-5;-6|-7, -8"}', `{"a":"x,'-5;'-6|'-7, -8"}`],
    ['{"a":"x, =1;  =2"}', `{"a":"x, '=1;  '=2"}`],
    [
      '{"a":["＝1","＝2","＋3","－4","＠5","！6"]}',
      `{"a":["＝1","'＝2","'＋3","'－4","'＠5","！6"]}`,
    ],
    // Escapes stay as they came, and are no formulas.
    ['{"a":["x","\\u003d1"],"b":"x\\t=1"}', '{"a":["x","\\u003d1"],"b":"x\\t=1"}'],
    ['{"a":"\\",=1"}', `{"a":"\\",'=1"}`],
    ['{"a":1.50,"b":-5,"c":"x@y.z"}', '{"a":1.50,"b":-5,"c":"x@y.z"}'],
  ])("has an apostrophe where a spreadsheet would run a part of it: %s", (text, escaped) => {
    for (let before = 0; before < 18; before++) {
      const padded = (json: string) => json.replace("{", `{"${"k".repeat(before)}":0,`);
      const csv = csvOf(`{"results":[${padded(text)}]}`, { escapeFormulas: true });
      // It is behind a comma now.
      const behind = escaped.replace(/^\{"=/, `{"'=`);
      expect(csv).toBe(`"${padded(behind).replaceAll('"', '""')}"\n`);
    }
    const csv = csvOf(`{"results":[${text}]}`, { escapeFormulas: true });
    expect(csv).toBe(`"${escaped.replaceAll('"', '""')}"\n`);
    expect(csvOf(`{"results":[${text}]}`)).toBe(
      `"${text.replaceAll(/[\r\n]/g, "").replaceAll('"', '""')}"\n`,
    );
  });

  test("is right where very many numbers and signs have to be told apart", () => {
    const text = `{"a":[${"-1,".repeat(300_000)}-1],"b":"${",-1".repeat(100_000)}"}`;
    const escaped = text.replace(/"b":.*/, (b) => b.replaceAll(",-", ",'-"));
    expect(
      csvOf(`{"results":[${text}]}`, { escapeFormulas: true }) ===
        `"${escaped.replaceAll('"', '""')}"\n`,
    ).toBe(true);
  });
});

test("any answer has its events from the projector as from the reference", () => {
  fc.assert(
    fc.property(
      fc.array(answer, { minLength: 1, maxLength: 3 }),
      fc.boolean(),
      fc.constantFrom(...delimiters),
      fc.constantFrom(undefined, "\u0001" as const),
      (bodies, escapeFormulas, delimiter, quote) => {
        const layout = completeLayout({
          columns: [event, { header: "x", path: ["subject"] }, { ...event, header: "y" }],
          escapeFormulas,
          delimiter,
          quote,
        });
        const compare = compareConverters(csvFormat(layout), createCsvReference(layout));
        for (const body of bodies) {
          compare(body);
        }
      },
    ),
    { numRuns: times(150, 1_500) },
  );
});
