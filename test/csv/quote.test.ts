import { describe, expect, test } from "vitest";
import { type CsvLayoutParts, completeLayout, defaultFormat } from "../../src/csv/csv-layout.js";
import { CsvRecordScanner } from "../../src/csv/csv-record-scanner.js";
import { createCsvReference, headerOf } from "../../src/csv/csv-reference.js";
import { csvFormat } from "../../src/formats/csv-format.js";
import { layoutOf } from "../projector/layouts.js";
import { createCsvConverter } from "../projector/stream-converter.js";

const quote = "\u0001";

describe.each([
  ["the reference", createCsvReference],
  ["the projector", createCsvConverter],
] as const)("with U+0001 as the quote, %s", (_, create) => {
  function csvOf(body: string, parts: Partial<CsvLayoutParts> = {}): string {
    const layout = layoutOf(["x", "y"], { quote, escapeFormulas: false, ...parts });
    const csv = Buffer.from(create(layout).convert(Buffer.from(body)).content).toString();
    // To be read.
    return csv.replaceAll(quote, "^");
  }

  test.each<[json: string, field: string]>([
    ['"a"', "a"],
    ['"a\\"b"', 'a"b'],
    ['"\\u0022"', '"'],
    ['"a,\\"b"', '^a,"b^'],
    ['"a\\n"', "^a\n^"],
    ['"\\u0001"', "^^^^"],
    ['"a\\u0001b"', "^a^^b^"],
    ['"\\u0001,\\u0001"', "^^^,^^^"],
    ["[1]", "[1]"],
    ["[1,2]", "^[1,2]^"],
    ['{"a":"b"}', '{"a":"b"}'],
    ['{"a":"b,c"}', '^{"a":"b,c"}^'],
    ['{"a":"\\u002c"}', '^{"a":","}^'],
    ['{"a,b":"\\"\\u0022"}', '^{"a,b":"\\"\\""}^'],
    ['{"a":"\\u0001"}', '{"a":"\\u0001"}'],
    ['{"b":1,"0":"\\u0001"}', '^{"0":"\\u0001","b":1}^'],
  ])("writes %s as %s", (json, field) => {
    expect(csvOf(`{"results":[{"x":${json},"y":1}]}`)).toBe(`${field},1\n`);
    const text = field.startsWith("^") ? field : `^${field}^`;
    expect(csvOf(`{"results":[{"x":${json},"y":1}]}`, { quoteText: true })).toBe(`${text},1\n`);
  });

  test("leaves a tab in JSON escaped, which needs no quotes then", () => {
    const body = '{"results":[{"x":{"a":"\\u0009\\t"},"y":"\\t"}]}';
    expect(csvOf(body, { delimiter: "\t" })).toBe('{"a":"\\t\\t"}\t^\t^\n');
  });

  test("writes events with nothing but their own characters, wherever their lines break", () => {
    const columns = [{ header: "event", path: [] }];
    for (let before = 0; before < 34; before++) {
      const text = `{"${"k".repeat(before)}":"\\"\\u0001","b":""}`;
      expect(csvOf(`{"results":[${text}]}`, { columns })).toBe(`^${text}^\n`);
      const broken = text.replace("{", "{\n").replace(/\}$/, "\r\n}");
      expect(csvOf(`{"results":[${broken}]}`, { columns })).toBe(`^${text}^\n`);
      const single = '{"a":"b"}';
      expect(csvOf(`{"results":[${single}]}`, { columns })).toBe(`${single}\n`);
    }
    const formula = '{"results":[{"a":"x,=1"}]}';
    expect(csvOf(formula, { columns, delimiter: ";", escapeFormulas: true })).toBe(
      `{"a":"x,'=1"}\n`,
    );
  });

  test("quotes an only field that is blank", () => {
    expect(csvOf('{"results":[{}]}', layoutOf(["x"]))).toBe("^^\n");
  });
});

test("the header has the layout's quote", () => {
  const header = headerOf(layoutOf(["a,b", 'c"d', "\u0001"], { quote }));
  expect(Buffer.from(header).toString().replaceAll(quote, "^")).toBe('^a,b^,c"d,^^^^\n');
});

test("a record ends outside of the layout's quotes", () => {
  const read = (csv: string) => {
    const scanner = new CsvRecordScanner({ ...defaultFormat, quote });
    return { ...scanner.read(Buffer.from(csv), 9), between: scanner.betweenRecords };
  };
  expect(read('a"\n\u0001\n\u0001\n')).toEqual({ records: 2, end: 7, between: true });
  expect(read('"\u0001\n\u0001\u0001"\n')).toEqual({ records: 0, end: 7, between: false });
});

test("formats are what they were, where nothing is said of it", () => {
  expect(csvFormat(completeLayout({ columns: [] })).identity.format).not.toHaveProperty("quote");
  expect(csvFormat(completeLayout({ columns: [], quote })).identity.format).toMatchObject({
    quote,
  });
});
