import { parse } from "csv-parse/sync";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { MalformedAnswerError } from "../../src/api/answer.js";
import { parseRecords } from "../../src/csv/parse-records.js";
import { createReferenceConverter } from "../../src/csv/reference-converter.js";

/** Converts a page whose JSON text is given, and returns the CSV without its header. */
function convert(columns: readonly string[], body: string) {
  return createReferenceConverter(columns).convert(Buffer.from(body));
}

function csvOf(columns: readonly string[], ...events: string[]): string {
  const body = `{"results":[${events.join(",")}],"total_count":${events.length},"links":{}}`;
  return Buffer.from(convert(columns, body).csv).toString("utf8");
}

describe("a field", () => {
  test.each<[string, string, string]>([
    ["a string", '"text"', "text"],
    ["an empty string", '""', ""],
    ["a string with a comma", '"a,b"', '"a,b"'],
    ["a string with a quote", '"a\\"b"', '"a""b"'],
    ["a string with LF", '"a\\nb"', '"a\nb"'],
    ["a string with a lone CR", '"a\\rb"', '"a\rb"'],
    ["a string with CRLF", '"a\\r\\nb"', '"a\r\nb"'],
    ["a string with white space around it", '" a "', " a "],
    ["a string like a formula", '"=1+1"', "=1+1"],
    ["a string like a number", '"007"', "007"],
    ["an emoji, escaped", '"\\ud83d\\ude00"', "😀"],
    ["an emoji, as it is", '"😀"', "😀"],
    ["a lone surrogate", '"\\ud83d"', "\ufffd"],
    ["NUL", '"\\u0000"', "\u0000"],
    ["null", "null", ""],
    ["true", "true", "true"],
    ["false", "false", "false"],
    ["zero", "0", "0"],
    ["minus zero", "-0", "-0"],
    ["an integer beyond 2^53", "1152921504606846977", "1152921504606846977"],
    ["a long fraction", "39.174900000000000001", "39.174900000000000001"],
    ["a fraction that ends in zero", "39.10", "39.10"],
    ["an exponent", "1E+2", "1E+2"],
    ["a number beyond a double", "1e999", "1e999"],
    ["an object", '{ "a" : [ 1 , 2.50 ] }', '"{""a"":[1,2.50]}"'],
    [
      "an object with a large integer",
      '{"id":1152921504606846977}',
      '"{""id"":1152921504606846977}"',
    ],
    [
      "an object with text like a number",
      '{"id":"1.0","x":"a,1.0,b"}',
      '"{""id"":""1.0"",""x"":""a,1.0,b""}"',
    ],
    ["an empty object", "{}", "{}"],
    ["an array", '["a", null, false]', '"[""a"",null,false]"'],
    ["an empty array", "[ ]", "[]"],
    ["a string that ends in a backslash", '"a\\\\"', "a\\"],
  ])("%s", (_, json, field) => {
    expect(csvOf(["before", "value", "after"], `{"before":1,"value":${json},"after":2}`)).toBe(
      `1,${field},2\n`,
    );
  });

  test("that is absent is blank, even where JavaScript knows the name", () => {
    expect(csvOf(["constructor", "toString", "__proto__", "a"], '{"b":1}')).toBe(",,,\n");
  });

  test("called __proto__ is a field like any other", () => {
    expect(csvOf(["__proto__"], '{"__proto__":"x"}')).toBe("x\n");
  });

  test("given twice has the last value", () => {
    expect(csvOf(["a", "b"], '{"a":1,"b":2,"a":null}')).toBe(",2\n");
  });

  test("nested more deeply than the stack is deep is written whole", () => {
    const deep = "[".repeat(100_000) + "]".repeat(100_000);
    expect(csvOf(["a"], `{"a":${deep}}`)).toBe(`${deep}\n`);
    const objects = `${'{"k":'.repeat(50_000)}[1,{"b":2.0},"x"]${"}".repeat(50_000)}`;
    expect(csvOf(["a"], `{"a":${objects}}`)).toBe(`"${objects.replaceAll('"', '""')}"\n`);
  });
});

describe("a record", () => {
  test("has its fields in the order of the columns, and nothing else", () => {
    expect(csvOf(["c", "a"], '{"a":1,"b":2,"c":3}', '{"c":6,"a":4}')).toBe("3,1\n6,4\n");
  });

  test("of one blank field is no empty line", () => {
    expect(csvOf(["a"], "{}", '{"a":"x"}')).toBe('""\nx\n');
  });
});

describe("the header", () => {
  test("names the columns", () => {
    const header = createReferenceConverter(["type", 'a"b', "c,d"]).header();
    expect(Buffer.from(header).toString()).toBe('type,"a""b","c,d"\n');
  });
});

describe("a page", () => {
  test("tells its number of events, the total, the next link and the types", () => {
    const body =
      '{"links":{"next":"/x?cursor=2"},"total_count":7,"results":[{"type":"open"},{"type":"click"},{"type":"open"},{}]}';
    const { csv, ...rest } = convert(["type"], body);
    expect(rest).toEqual({
      eventCount: 4,
      leftOut: 0,
      oldest: Number.POSITIVE_INFINITY,
      totalCount: 7,
      next: "/x?cursor=2",
      eventsByType: new Map([
        ["open", 2],
        ["click", 1],
      ]),
    });
  });

  test("may write its count in an unusual way", () => {
    expect(convert(["a"], '{"results":[],"total_count":2.0e1}').totalCount).toBe(20);
  });

  test("may begin with a byte order mark and have white space anywhere", () => {
    const body = '\ufeff \n{ "results" :\t[ { "a" : 1.0 } ] , "total_count" : 1 }\r\n';
    expect(Buffer.from(convert(["a"], body).csv).toString()).toBe("1.0\n");
  });

  test("with invalid UTF-8 keeps the rest of the text", () => {
    const body = Buffer.from('{"results":[{"a":"x?y"}],"total_count":1}');
    body[body.indexOf("?")] = 0xff;
    expect(Buffer.from(createReferenceConverter(["a"]).convert(body).csv).toString()).toBe(
      "x\ufffdy\n",
    );
  });

  test.each([
    "",
    "{",
    '{"results":[{"a":1}],"total_count":1}x',
    '{"results":[{"a":01}]}',
    '{"results":[{"a":1.}]}',
    '{"results":[{"a":+1.0}]}',
    '{"results":[{1.0:2}]}',
    '{"results":[{"a":1.0.0}]}',
    '{"results":[{"a":1.0 2.0}]}',
    '{"results":[1.0]}',
    '{"results":[{"a":NaN}]}',
    '{"results":[{"a":1},]}',
    '{"results":[null]}',
    '{"results":[[]]}',
    '{"results":null}',
    '{"result":[]}',
    '[{"results":[]}]',
    "null",
    '{"results":[],"total_count":-1}',
    '{"results":[],"total_count":1.5}',
    '{"results":[],"total_count":"1"}',
  ])("%s is rejected whole", (body) => {
    expect(() => convert(["a"], body)).toThrow(MalformedAnswerError);
  });
});

describe("for any events and columns", () => {
  const text = fc.oneof(
    fc.string({ unit: "binary" }),
    fc.string({
      unit: fc.constantFrom(",", '"', "\n", "\r", "\\", " ", "=", "é", "😀", "a", "1", "."),
    }),
  );
  const events = fc.array(fc.dictionary(text, fc.oneof(text, fc.jsonValue({ maxDepth: 3 }))), {
    maxLength: 5,
  });
  const columns = fc.uniqueArray(fc.oneof(text, fc.constantFrom("type", "__proto__")), {
    minLength: 1,
    maxLength: 6,
  });

  test("two independent readers read back what was sent", () => {
    fc.assert(
      fc.property(columns, events, (names, list) => {
        // The columns must be hit often enough to matter.
        const sent = list.map((event, index) => ({
          ...event,
          [names[index % names.length] ?? ""]: Object.values(event)[0] ?? "x",
        }));
        const converter = createReferenceConverter(names);
        const body = Buffer.from(JSON.stringify({ results: sent, total_count: sent.length }));
        const file = Buffer.concat([converter.header(), converter.convert(body).csv]).toString(
          "utf8",
        );
        const expected = [
          names,
          ...sent.map((event) => names.map((name) => expectedField(event as object, name))),
        ].map((record) => record.map((field) => field.toWellFormed()));
        const options = { record_delimiter: "\n", relax_column_count: true };
        expect(parse(file, options)).toEqual(expected);
        expect(parseRecords(file)).toEqual(expected);
      }),
      { numRuns: 500 },
    );
  });
});

function expectedField(event: object, name: string): string {
  const value = Object.entries(JSON.parse(JSON.stringify(event))).find(
    ([key]) => key === name,
  )?.[1];
  if (value === undefined || value === null) {
    return "";
  }
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}
