import { describe, expect, test } from "vitest";
import { createCsvReference, headerOf } from "../../src/csv/csv-reference.js";
import { layoutOf } from "../projector/layouts.js";
import { createCsvConverter } from "../projector/stream-converter.js";

const converters = [
  ["the reference", createCsvReference],
  ["the projector", createCsvConverter],
] as const;

describe.each(converters)("with quoteText, %s", (_, create) => {
  test.each<[json: string, field: string]>([
    ['"a"', '"a"'],
    ['""', '""'],
    ['"8634927693813856"', '"8634927693813856"'],
    ['"a\\"b\\n"', '"a""b\n"'],
    ['"\\u0061"', '"a"'],
    ['"\\ud800"', '"\ufffd"'],
    ['"=1+1"', '"\'=1+1"'],
    ['"\\u003d1+1"', '"\'=1+1"'],
    ["{}", '"{}"'],
    ["[]", '"[]"'],
    ["[1]", '"[1]"'],
    ['{"a":"b"}', '"{""a"":""b""}"'],
    ['{"b":1,"0":2}', '"{""0"":2,""b"":1}"'],
    ["null", ""],
    ["true", "true"],
    ["-5", "-5"],
    ["1e5", "1e5"],
    ["92356927693813856123", "92356927693813856123"],
  ])("writes %s as %s", (json, field) => {
    const { content: csv } = create(layoutOf(["x", "y"], { quoteText: true })).convert(
      Buffer.from(`{"results":[{"x":${json}}]}`),
    );
    expect(Buffer.from(csv).toString()).toBe(`${field},\n`);
  });

  test("quotes the header, and an only field that is blank", () => {
    const layout = layoutOf(["x"], { quoteText: true });
    const converter = create(layout);
    expect(Buffer.from(headerOf(layout)).toString()).toBe('"x"\n');
    const { content: csv } = converter.convert(Buffer.from('{"results":[{"x":1},{"y":1}]}'));
    expect(Buffer.from(csv).toString()).toBe('1\n""\n');
  });

  test.each([
    ["iso", "2026-11-19T23:59:56.488Z", '"2026-02-30"', '"1588348800"'],
    ["spreadsheet", "2026-11-19 23:59:56", '"2026-02-30"', '"1588348800"'],
    ["epoch", "1795132796.488", '"2026-02-30"', '"1588348800"'],
    ["raw", '"2026-11-19T23:59:56.488Z"', '"2026-02-30"', '"1588348800"'],
  ] as const)("quotes no time in the format %s, but what is none", (timestampFormat, ...fields) => {
    const layout = layoutOf(["timestamp", "injection_time", "x"], {
      quoteText: true,
      timestampFormat,
    });
    const { content: csv } = create(layout).convert(
      Buffer.from(
        '{"results":[{"timestamp":"2026-11-19T23:59:56.488Z","injection_time":"2026-02-30","x":"1588348800"}]}',
      ),
    );
    expect(Buffer.from(csv).toString()).toBe(`${fields.join(",")}\n`);
  });
});
