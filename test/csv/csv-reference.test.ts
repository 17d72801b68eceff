import { parse } from "csv-parse/sync";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { MalformedAnswerError } from "../../src/api/answer.js";
import { checksumOf } from "../../src/checksum.js";
import { parseColumns } from "../../src/csv/column-list.js";
import { type CsvLayoutParts, completeLayout, delimiters } from "../../src/csv/csv-layout.js";
import { createCsvReference, headerOf } from "../../src/csv/csv-reference.js";
import { parseRecords } from "../../src/csv/parse-records.js";
import { layoutOf } from "../projector/layouts.js";
import { createCsvConverter } from "../projector/stream-converter.js";
import { times } from "../support/random-numbers.js";

/** Converts a page whose JSON text is given, and returns the CSV without its header. */
function convert(columns: readonly string[], body: string) {
  return createCsvReference(layoutOf(columns)).convert(Buffer.from(body));
}

function csvOf(columns: readonly string[], ...events: string[]): string {
  const body = `{"results":[${events.join(",")}],"total_count":${events.length},"links":{}}`;
  return Buffer.from(convert(columns, body).content).toString("utf8");
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
    ["a string like a formula", '"=1+1"', "'=1+1"],
    ["a string like a formula, with a comma", '"@A(1,2)"', '"\'@A(1,2)"'],
    ["a string that begins with a tab", '"\\t=1"', "\t'=1"],
    ["a string that begins with CR", '"\\r=1"', '"\r\'=1"'],
    ["a full-width sign", '"＝1"', "'＝1"],
    ["a string with a negative number", '"-5"', "'-5"],
    ["a telephone number", '"+4930123"', "'+4930123"],
    ["a negative number", "-5", "-5"],
    ["a negative number beyond a double", "-1152921504606846977", "-1152921504606846977"],
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
    const header = headerOf(layoutOf(["type", 'a"b', "c,d"]));
    expect(Buffer.from(header).toString()).toBe('type,"a""b","c,d"\n');
  });
});

describe("a page", () => {
  test("tells its number of events, the total, the next link and the types", () => {
    const body =
      '{"links":{"next":"/x?cursor=2"},"total_count":7,"results":[{"type":"open"},{"type":"click"},{"type":"open"},{}]}';
    const { content: csv, ...rest } = convert(["type"], body);
    expect(rest).toEqual({
      checksum: checksumOf(csv),
      eventCount: 4,
      tooNew: 0,
      tooOld: 0,
      newest: Number.NEGATIVE_INFINITY,
      oldest: Number.POSITIVE_INFINITY,
      ids: new Float64Array(4),
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
    expect(Buffer.from(convert(["a"], body).content).toString()).toBe("1.0\n");
  });

  test("with invalid UTF-8 keeps the rest of the text", () => {
    const body = Buffer.from('{"results":[{"a":"x?y"}],"total_count":1}');
    body[body.indexOf("?")] = 0xff;
    expect(Buffer.from(createCsvReference(layoutOf(["a"])).convert(body).content).toString()).toBe(
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
      unit: fc.constantFrom(
        ",",
        '"',
        "\n",
        "\r",
        "\\",
        "\u0001",
        " ",
        "=",
        "é",
        "😀",
        "a",
        "1",
        ".",
      ),
    }),
  );
  const events = fc.array(fc.dictionary(text, fc.oneof(text, fc.jsonValue({ maxDepth: 3 }))), {
    maxLength: 5,
  });
  const columns = fc.uniqueArray(fc.oneof(text, fc.constantFrom("type", "__proto__")), {
    minLength: 1,
    maxLength: 6,
  });

  const dialect = fc.record({
    delimiter: fc.constantFrom(...delimiters),
    recordDelimiter: fc.constantFrom("\n" as const, "\r\n" as const),
    byteOrderMark: fc.boolean(),
    quoteText: fc.boolean(),
    escapeFormulas: fc.constant(false),
    quote: fc.constantFrom(undefined, "\u0001" as const),
  });

  test("two independent readers read back what was sent", () => {
    fc.assert(
      fc.property(columns, events, dialect, (names, list, format) => {
        // The columns must be hit often enough to matter.
        const sent = list.map((event, index) => ({
          ...event,
          [names[index % names.length] ?? ""]: Object.values(event)[0] ?? "x",
        }));
        const layout = layoutOf(names, format);
        const converter = createCsvReference(layout);
        const body = Buffer.from(JSON.stringify({ results: sent, total_count: sent.length }));
        // A reader cannot tell a mark from the first letter of a header.
        fc.pre(!names[0]?.startsWith("\ufeff"));
        const file = Buffer.concat([headerOf(layout), converter.convert(body).content]).toString(
          "utf8",
        );
        const expected = [
          names,
          ...sent.map((event) => names.map((name) => expectedField(event as object, name))),
        ].map((record) => record.map((field) => field.toWellFormed()));
        const options = {
          bom: true,
          delimiter: format.delimiter,
          record_delimiter: format.recordDelimiter,
          ...(format.quote && { quote: format.quote, escape: format.quote }),
          relax_column_count: true,
        };
        expect(parse(file, options)).toEqual(expected);
        const isUsual = format.delimiter === "," && format.recordDelimiter === "\n";
        if (isUsual && !format.byteOrderMark && !format.quote) {
          expect(parseRecords(file)).toEqual(expected);
        }
      }),
      { numRuns: times(100, 500) },
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

describe("a path", () => {
  test.each<[path: string[], json: string, field: string]>([
    [["order", "id"], '{"order":{"id":1152921504606846977}}', "1152921504606846977"],
    [["order"], '{"order":{"id":2.50}}', '"{""id"":2.50}"'],
    [["order", "id"], '{"order":{"id":1},"order":{}}', ""],
    [["order", "id"], '{"order":{"id":1,"id":"2"}}', "2"],
    [["order", "id"], '{"order":"id"}', ""],
    [["order", "id"], '{"order":null}', ""],
    [["order", "id"], '{"order":1152921504606846977}', ""],
    [["order", "id"], '{"\\u006frder":{"i\\u0064":"=1"}}', "'=1"],
    [["a.b"], '{"a.b":1,"a":{"b":2}}', "1"],
    [["0"], '["x","y"]', "x"],
    [["1"], '["x",["y",true]]', '"[""y"",true]"'],
    [["1", "1"], '["x",["y",true]]', "true"],
    [["2"], '["x","y"]', ""],
    [["01"], '["x","y"]', ""],
    [["length"], '["x","y"]', ""],
    [["length"], '"xy"', ""],
    [["0"], '"xy"', ""],
    [["0"], '{"0":"x"}', "x"],
    [["__proto__", "x"], '{"__proto__":{"x":1}}', "1"],
    [["constructor", "name"], "{}", ""],
    [["timestamp"], '{"timestamp":"2026-11-19T23:59:56Z"}', "2026-11-19T23:59:56Z"],
  ])("%j in %s", (path, json, field) => {
    const columns = [{ header: "x", path: ["meta", ...path] }];
    for (const create of [createCsvReference, createCsvConverter]) {
      const { content: csv } = create(completeLayout({ columns })).convert(
        Buffer.from(`{"results":[{"meta":${json},"x":1}]}`),
      );
      expect(Buffer.from(csv).toString()).toBe(`${field || '""'}\n`);
    }
  });

  test("may be there under two names, and beside one that goes on from it", () => {
    const columns = parseColumns("meta, meta.a AS x, meta.a AS y, meta.a.b");
    for (const create of [createCsvReference, createCsvConverter]) {
      const { content: csv } = create(completeLayout({ columns })).convert(
        Buffer.from('{"results":[{"meta":{"a":{"b":"\\"\\""}}}]}'),
      );
      const a = '{""b"":""\\""\\""""}';
      expect(Buffer.from(csv).toString()).toBe(`"{""a"":${a}}","${a}","${a}",""""""\n`);
    }
  });
});

describe("times", () => {
  function timesOf(parts: Partial<CsvLayoutParts>, ...values: string[]): string[] {
    const layout = layoutOf(["timestamp", "injection_time", "scheduled_time", "x"], parts);
    const events = values.map(
      (value) =>
        `{"timestamp":${value},"injection_time":${value},"scheduled_time":${value},"x":${value}}`,
    );
    const body = Buffer.from(`{"results":[${events}]}`);
    const [reference, projected] = [createCsvReference, createCsvConverter].map((create) =>
      Buffer.from(create(layout).convert(body).content).toString(),
    );
    expect(projected).toBe(reference);
    return parseRecords(reference ?? "").map(([timestamp = "", injection, scheduled]) => {
      expect([injection, scheduled]).toEqual([timestamp, timestamp]);
      return timestamp;
    });
  }
  const sent = ['"2026-07-01T10:00:00.123Z"', '"2026-11-19T23:59:56+00:00"', '"1588348800"'];

  test.each<[Partial<CsvLayoutParts>, string[]]>([
    [{}, ["2026-07-01T10:00:00.123Z", "2026-11-19T23:59:56.000Z", "2020-05-01T16:00:00.000Z"]],
    [
      { zone: "Europe/Berlin" },
      [
        "2026-07-01T12:00:00.123+02:00",
        "2026-11-20T00:59:56.000+01:00",
        "2020-05-01T18:00:00.000+02:00",
      ],
    ],
    [
      { zone: "Europe/London" },
      [
        "2026-07-01T11:00:00.123+01:00",
        "2026-11-19T23:59:56.000+00:00",
        "2020-05-01T17:00:00.000+01:00",
      ],
    ],
    [
      { zone: "Asia/Kathmandu", timestampFormat: "spreadsheet" },
      ["2026-07-01 15:45:00", "2026-11-20 05:44:56", "2020-05-01 21:45:00"],
    ],
    [
      { zone: "Asia/Tokyo", timestampFormat: "epoch" },
      ["1782900000.123", "1795132796.000", "1588348800.000"],
    ],
    [
      { zone: "Asia/Tokyo", timestampFormat: "raw" },
      ["2026-07-01T10:00:00.123Z", "2026-11-19T23:59:56+00:00", "1588348800"],
    ],
  ])("in the format and zone of %j", (parts, expected) => {
    expect(timesOf(parts, ...sent)).toEqual(expected);
  });

  test.each<[zone: string, sent: string, iso: string]>([
    ["Europe/Berlin", "2026-10-25T00:59:59.999Z", "2026-10-25T02:59:59.999+02:00"],
    ["Europe/Berlin", "2026-10-25T01:00:00.000Z", "2026-10-25T02:00:00.000+01:00"],
    ["Europe/Berlin", "2026-03-29T00:59:59.999Z", "2026-03-29T01:59:59.999+01:00"],
    ["Europe/Berlin", "2026-03-29T01:00:00.000Z", "2026-03-29T03:00:00.000+02:00"],
    ["Australia/Lord_Howe", "2026-04-04T14:59:59.999Z", "2026-04-05T01:59:59.999+11:00"],
    ["Australia/Lord_Howe", "2026-04-04T15:00:00.000Z", "2026-04-05T01:30:00.000+10:30"],
    ["Pacific/Chatham", "2026-04-04T13:59:59.999Z", "2026-04-05T03:44:59.999+13:45"],
    ["Pacific/Chatham", "2026-04-04T14:00:00.000Z", "2026-04-05T02:45:00.000+12:45"],
    ["America/St_Johns", "2006-04-02T03:30:59.999Z", "2006-04-02T00:00:59.999-03:30"],
    ["America/St_Johns", "2006-04-02T03:31:00.000Z", "2006-04-02T01:01:00.000-02:30"],
    ["Africa/Monrovia", "1972-01-07T00:44:29.999Z", "1972-01-06T23:59:59.999-00:44:30"],
    ["Africa/Monrovia", "1972-01-07T00:44:30.000Z", "1972-01-07T00:44:30.000+00:00"],
  ])("in %s at %s are %s", (zone, instant, iso) => {
    expect(timesOf({ zone }, `"${instant}"`)).toEqual([iso]);
    const local = iso.slice(0, 19).replace("T", " ");
    expect(timesOf({ zone, timestampFormat: "spreadsheet" }, `"${instant}"`)).toEqual([local]);
  });

  test.each<[json: string, iso: string]>([
    ['"2024-02-29T00:00:00Z"', "2024-02-29T00:00:00.000Z"],
    ['"2026-11-19T23:59:56.1Z"', "2026-11-19T23:59:56.100Z"],
    ['"2026-11-19T23:59:56.123999Z"', "2026-11-19T23:59:56.123Z"],
    ['"2026-11-20T08:59:56.000+09:00"', "2026-11-19T23:59:56.000Z"],
    ['"2026-11-19T20:29:56-03:30"', "2026-11-19T23:59:56.000Z"],
    ['"2026-11\\u002d19T23:59:56.488Z"', "2026-11-19T23:59:56.488Z"],
    ['"2026-11-19T23:59:56"', "2026-11-19T23:59:56.000Z"],
    ['"2026-11-19 23:59:56.488"', "2026-11-19T23:59:56.488Z"],
    ["1588348800", "2020-05-01T16:00:00.000Z"],
    ["1588348800.5", "2020-05-01T16:00:00.500Z"],
    ['"1588348800.25"', "2020-05-01T16:00:00.250Z"],
  ])("are read from %s", (json, iso) => {
    expect(timesOf({}, json)).toEqual([iso]);
  });

  test.each<[json: string, field: string]>([
    ['"2026-11-19T18:59:56.488"', "2026-11-19T23:59:56.488Z"],
    ['"2026-11-19T23:59:56.488Z"', "2026-11-19T23:59:56.488Z"],
    // The hour that occurs twice, and the one that is skipped.
    ['"2026-11-01T01:30:00"', "2026-11-01T01:30:00"],
    ['"2026-03-08T02:30:00"', "2026-03-08T02:30:00"],
  ])("without a zone are read in the one that they are sent in: %s", (json, field) => {
    expect(timesOf({ sentZone: "America/New_York" }, json)).toEqual([field]);
  });

  test.each<[json: string, field: string]>([
    ['"2026-02-30T00:00:00.000Z"', "2026-02-30T00:00:00.000Z"],
    ['"2025-02-29T00:00:00Z"', "2025-02-29T00:00:00Z"],
    ['"2026-11-19T24:00:00Z"', "2026-11-19T24:00:00Z"],
    ['"2026-11-19T23:60:00.000Z"', "2026-11-19T23:60:00.000Z"],
    ['"2026-11-19T23:59:5:.000Z"', "2026-11-19T23:59:5:.000Z"],
    ['"2026-11-19T23:59:56.4x8Z"', "2026-11-19T23:59:56.4x8Z"],
    ['"2026-11-19T23:59:60.000Z"', "2026-11-19T23:59:60.000Z"],
    ['"2026-11-19T23x59:56.488Z"', "2026-11-19T23x59:56.488Z"],
    ['"2026-11-19T23:59x56.488Z"', "2026-11-19T23:59x56.488Z"],
    ['"2026-11-19T23:5/:56.488Z"', "2026-11-19T23:5/:56.488Z"],
    ['"2026-11-19"', "2026-11-19"],
    ['"1969-12-31T23:59:59.000Z"', "1969-12-31T23:59:59.000Z"],
    ['"yesterday"', "yesterday"],
    ['"=1+1"', "'=1+1"],
    ['"15883488001588"', "15883488001588"],
    ["17", "17"],
    ["-1588348800", "-1588348800"],
    ["1.588348800e9", "1.588348800e9"],
    ["true", "true"],
    ["null", ""],
    ["[1588348800]", "[1588348800]"],
  ])("that are none stay as they were sent: %s", (json, field) => {
    for (const timestampFormat of ["iso", "spreadsheet", "epoch"] as const) {
      expect(timesOf({ timestampFormat, zone: "Europe/Berlin" }, json)).toEqual([field]);
    }
  });
});

describe("the dialect", () => {
  test("has its delimiters, a mark, and quotes where they are needed", () => {
    const layout = layoutOf(["a", "b;c"], {
      delimiter: ";",
      recordDelimiter: "\r\n",
      byteOrderMark: true,
    });
    for (const create of [createCsvReference, createCsvConverter]) {
      const converter = create(layout);
      expect(Buffer.from(headerOf(layout)).toString()).toBe('\ufeffa;"b;c"\r\n');
      const body =
        '{"results":[{"a":"x;y","b;c":"x,y"},{"a":[1,2],"b;c":"\\n"},{"a":["x"],"b;c":"\\u003b"}]}';
      expect(Buffer.from(converter.convert(Buffer.from(body)).content).toString()).toBe(
        '"x;y";x,y\r\n[1,2];"\n"\r\n"[""x""]";";"\r\n',
      );
    }
  });

  test("writes text exactly where formulas are not escaped", () => {
    const layout = layoutOf(["a", "b"], { escapeFormulas: false, delimiter: "\t" });
    for (const create of [createCsvReference, createCsvConverter]) {
      const { content: csv } = create(layout).convert(
        Buffer.from('{"results":[{"a":"=1+1","b":"\\tx"},{"a":"＝1","b":"-5"}]}'),
      );
      expect(Buffer.from(csv).toString()).toBe('=1+1\t"\tx"\n＝1\t-5\n');
    }
  });
});
