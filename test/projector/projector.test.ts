import { describe, expect, test } from "vitest";
import { MalformedAnswerError } from "../../src/api/answer.js";
import { eventProperties } from "../../src/catalog/event-catalog.js";
import { checksumOf } from "../../src/checksum.js";
import { completeLayout } from "../../src/csv/csv-layout.js";
import { createCsvReference, headerOf } from "../../src/csv/csv-reference.js";
import { csvFormat } from "../../src/formats/csv-format.js";
import type { ConvertedPage, StreamingConverter } from "../../src/pages/page-converter.js";
import { anyTime } from "../../src/pages/page-range.js";
import { generateEvents } from "../../src/sandbox/generated-events.js";
import { layoutOf } from "./layouts.js";
import { createComparison, expectSameOutcome } from "./outcome.js";
import { createCsvConverter } from "./stream-converter.js";

function project(columns: readonly string[], body: string | Uint8Array) {
  const page = createCsvConverter(layoutOf(columns)).convert(Buffer.from(body));
  return { ...page, content: Buffer.from(page.content).toString() };
}

function csvOf(columns: readonly string[], ...events: string[]): string {
  return project(columns, `{"results":[${events.join(",")}]}`).content;
}

describe("a page", () => {
  test("becomes a record per event, with the columns in their order", () => {
    const csv = 'a@example.com,open,"Hello, you"\n,click,"Say ""hi"""\n';
    expect(
      project(
        ["rcpt_to", "type", "subject"],
        `{"results":[
          {"type":"open","rcpt_to":"a@example.com","subject":"Hello, you"},
          {"subject":"Say \\"hi\\"","type":"click"}
        ],"total_count":7,"links":{"next":"/next"}}`,
      ),
    ).toEqual({
      content: csv,
      checksum: checksumOf(Buffer.from(csv)),
      eventCount: 2,
      tooNew: 0,
      tooOld: 0,
      newest: Number.NEGATIVE_INFINITY,
      oldest: Number.POSITIVE_INFINITY,
      ids: new Float64Array(2),
      totalCount: 7,
      next: "/next",
      eventsByType: new Map([
        ["open", 1],
        ["click", 1],
      ]),
    });
  });

  test("is malformed as a whole, and the next one is not", () => {
    const converter = createCsvConverter(layoutOf(["type"]));
    const convert = () =>
      converter.convert(Buffer.from('{"results":[{"type":"open"},{"type":tru}]}'));
    expect(convert).toThrow(new MalformedAnswerError("the answer is not whole JSON"));
    expect(converter.convert(Buffer.from('{"results":[]}'))).toMatchObject({ eventCount: 0 });
  });

  test("may be part of a larger buffer", () => {
    const page = Buffer.from('{"results":[{"a":1}]}');
    const whole = Buffer.concat([Buffer.from("###"), page, Buffer.from("###")]);
    const body = new Uint8Array(whole.buffer, whole.byteOffset + 3, page.length);
    expect(project(["a"], body).content).toBe("1\n");
  });

  test.each([0, 1, 55, 73])(
    "of generated events is as the reference has it, %i columns",
    (count) => {
      const source = generateEvents({ events: 3000, seed: 11, now: Date.parse("2026-11-20") });
      const compare = createComparison(layoutOf(Object.keys(eventProperties).slice(0, count)));
      for (let page = 0; page < 3; page++) {
        const indices = Uint32Array.from({ length: 1000 }, (_, index) => page * 1000 + index);
        const events = source.json(indices);
        compare(Buffer.concat([Buffer.from('{"results":['), ...events, Buffer.from("]}")]));
      }
    },
  );

  test("larger than all before it fits", () => {
    const compare = createComparison(layoutOf(["a", "b"]));
    for (const length of [1, 1000, 100, 1_000_000]) {
      const text = '\\"'.repeat(length);
      compare(`{"results":[{"a":"${text}","b":["${text}",","]}]}`);
    }
  });
});

test("a value that several columns show fits each time", () => {
  const paths = [["a"], ["a", "b"], ["a", "b"], ["a", "b"]];
  const columns = paths.map((path, index) => ({ header: String(index), path }));
  const text = '\\"'.repeat(10_000);
  expectSameOutcome(completeLayout({ columns }), `{"results":[{"a":{"b":"${text}"}}]}`);
});

describe("the header", () => {
  test("is a record of the columns", () => {
    const columns = ["type", 'say "hi"', "a,b", "", "__proto__"];
    expect(Buffer.from(headerOf(layoutOf(columns))).toString()).toBe(
      'type,"say ""hi""","a,b",,__proto__\n',
    );
  });
});

describe("fields", () => {
  test.each([
    ["a string", '"plain"', "plain"],
    ["an empty string", '""', ""],
    ["null", "null", ""],
    ["a boolean", "false", "false"],
    ["a number with its digits", "39.10", "39.10"],
    ["an integer beyond 2^53", "12345678901234567890", "12345678901234567890"],
    ["negative zero", "-0", "-0"],
    ["a number too large for a double", "1E400", "1E400"],
    ["a comma", '"a,b"', '"a,b"'],
    ["a comma of a short text", '","', '","'],
    ["an escaped comma", '"a\\u002cb"', '"a,b"'],
    ["a quote", '"a\\"b"', '"a""b"'],
    ["a quote in hexadecimal", '"a\\u0022b"', '"a""b"'],
    ["CR and LF", '"a\\r\\nb"', '"a\r\nb"'],
    ["a lone CR", '"a\\u000Db"', '"a\rb"'],
    ["escapes that need no quotes", '"\\/\\b\\f\\t\\\\\\u00e9\\u0000"', "/\b\f\t\\é\0"],
    ["a comma before and after an escape", '"a,\\t,b"', '"a,\t,b"'],
    ["a surrogate pair", '"\\ud83d\\uDE00"', "😀"],
    ["a lone high surrogate", '"\\ud83d\\n\\ud83d\\\\"', '"\ufffd\n\ufffd\\"'],
    ["a high surrogate before an escape of another kind", '"\\ud83d\\u0041"', "\ufffdA"],
    ["two high surrogates before a low one", '"\\ud83d\\ud83d\\ude00"', "\ufffd😀"],
    ["the first surrogate pair", '"\\ud800\\udc00"', "\u{10000}"],
    ["the last surrogate pair", '"\\udbff\\udfff"', "\u{10ffff}"],
    [
      "a high surrogate before text like a low one",
      '"\\ud83dxudc00,\\ud83d\\\\udc00"',
      '"\ufffdxudc00,\ufffd\\udc00"',
    ],
    [
      "an escape without a high surrogate before a low one",
      '"\\u0041\\udc00\\ue000\\udc00"',
      "A\ufffd\ue000\ufffd",
    ],
    ["a lone low surrogate", '"\\ude00\\ud83d"', "\ufffd\ufffd"],
    ["an empty object", "{}", "{}"],
    ["an empty array with white space", "[ \n ]", "[]"],
    ["an array without commas", "[[1]]", "[[1]]"],
    ["an array", '["a",1]', '"[""a"",1]"'],
    ["white space", '{ "a" : [ 1 , 2 ] }', '"{""a"":[1,2]}"'],
    ["nested numbers with their digits", '{"a":[1.50,-0,1E5]}', '"{""a"":[1.50,-0,1E5]}"'],
    ["nested escapes that stay", '{"\\"":"\\r\\n\\\\"}', '"{""\\"""":""\\r\\n\\\\""}"'],
    ["nested escapes that go", '["\\/","\\u00e9"]', '"[""/"",""é""]"'],
    ["nested control characters", '["\\u001F\\u000a"]', '"[""\\u001f\\n""]"'],
    ["a nested lone surrogate", '["\\uD800"]', '"[""\\ud800""]"'],
    ["nested keys that are array indices", '{"b":1,"17":2,"0":3}', '"{""0"":3,""17"":2,""b"":1}"'],
    ["a key that only begins like one", '{"b":1,"0x":2}', '"{""b"":1,""0x"":2}"'],
    ["a nested key twice", '{"a":1,"b":2,"a":3}', '"{""a"":3,""b"":2}"'],
    ["a nested key twice, further down", '[{"b":{"a":1,"a":{}}}]', '"[{""b"":{""a"":{}}}]"'],
    ["a nested key twice, around another object", '{"a":{"a":1},"a":2}', '"{""a"":2}"'],
    ["a nested key twice, spelt differently", '{"a":1,"\\u0061":2}', '"{""a"":2}"'],
    [
      "the same key in several objects",
      '[{"a":{"a":1}},{"a":2}]',
      '"[{""a"":{""a"":1}},{""a"":2}]"',
    ],
    ["a nested __proto__", '{"a":1,"__proto__":{"b":2}}', '"{""a"":1,""__proto__"":{""b"":2}}"'],
    ["a nested empty key", '{"":1}', '"{"""":1}"'],
    ["a nested toJSON", '{"toJSON":1}', '"{""toJSON"":1}"'],
  ])("%s", (_name, value, field) => {
    expect(csvOf(["x", "y"], `{"x":${value}}`)).toBe(`${field},\n`);
    expect(csvOf(["y", "x"], `{"x":${value},"y":"after"}`)).toBe(`after,${field}\n`);
    expectSameOutcome(layoutOf(["x"]), `{"results":[{"x":${value}}]}`);
  });

  test("a blank record of a single column is quoted", () => {
    expect(csvOf(["x"], "{}", '{"x":null}', '{"x":""}', '{"x":[]}')).toBe('""\n""\n""\n[]\n');
  });

  test("blank records of several columns are not", () => {
    expect(csvOf(["x", "y"], "{}", '{"x":null,"y":""}')).toBe(",\n,\n");
  });

  test("a text of every length, with a comma or an escape at every place", () => {
    const compare = createComparison(layoutOf(["x", "y"]));
    for (let length = 1; length < 14; length++) {
      for (let place = 0; place < length; place++) {
        for (const special of [",", "\\n", "\\t", "\\u00e9", "é"]) {
          const text = `${"a".repeat(place)}${special}${"b".repeat(length - place - 1)}`;
          compare(`{"results":[{"x":"${text}","y":["${text}"]}]}`);
        }
      }
    }
  });

  test("an object with many keys, one of them twice", () => {
    for (const count of [10, 500, 1500, 5000]) {
      const members = Array.from({ length: count }, (_, index) => `"k${index}":${index}`);
      expectSameOutcome(layoutOf(["x"]), `{"results":[{"x":{${members.join(",")}}}]}`);
      expectSameOutcome(layoutOf(["x"]), `{"results":[{"x":{${members.join(",")},"k7":0}}]}`);
    }
  });
});

describe("properties", () => {
  test.each([
    ["absent", "{}", ","],
    ["twice", '{"x":1,"y":2,"x":3}', "3,2"],
    ["twice, null the second time", '{"x":1,"x":null}', ","],
    ["twice, spelt differently", '{"x":1,"\\u0078":[2]}', "[2],"],
    ["with white space", '{\t"x" :\r1\n,  "y":2 }', "1,2"],
    ["that only look alike inside others", '{"z":{"x":1,"y":[{"x":2}]}}', ","],
    ["that begin alike", '{"xx":1,"x ":2,"":3,"X":4}', ","],
  ])("%s", (_name, event, record) => {
    expect(csvOf(["x", "y"], event)).toBe(`${record}\n`);
    // Once more when the keys are known.
    expect(csvOf(["x", "y"], event, event)).toBe(`${record}\n${record}\n`);
  });

  test.each([
    "__proto__",
    "constructor",
    "toString",
    "",
    "a",
    "ab",
    "abc",
    "é",
    "😀",
    "a,b",
    'a"b',
    'a":"b',
    "a\\b",
    "a\\u0062",
    "a\nb",
    "a b",
    "\ufeff",
    "\ud800",
    "\ufffd",
    "0",
    "results",
    "x".repeat(63),
    "x".repeat(64),
    "x".repeat(1000),
  ])("named %j", (name) => {
    const compare = createComparison(layoutOf([name, "other"]));
    const key = JSON.stringify(name);
    const escaped = Array.from(name, (_, at) => at)
      .map((at) => `\\u${name.charCodeAt(at).toString(16).padStart(4, "0")}`)
      .join("");
    const events = [
      "{}",
      `{${key}:1}`,
      `{"before":0,${key}:2,"other":3}`,
      `{"other":1,"${escaped}":4}`,
      `{"a\\b":5,"\ufffd":6}`,
      `{${key}x:1}`,
    ];
    for (const event of events) {
      compare(`{"results":[${event}]}`);
      compare(`{"results":[{"other":0},${event},{${key}:7},${event}]}`);
    }
  });

  test("more than the projector remembers, in every order", () => {
    const keys = Array.from({ length: 1500 }, (_, index) => `key_${index}`);
    const compare = createComparison(layoutOf(["key_3", "key_700", "key_1499"]));
    for (const order of [keys, keys.toReversed(), keys]) {
      const members = order.map((key, index) => `"${key}":${index}`);
      compare(`{"results":[{${members.join(",")}},{${members.slice(3).join(",")}}]}`);
    }
  });
});

describe("event types", () => {
  const countsOf = (...events: string[]) =>
    Object.fromEntries(project(["x"], `{"results":[${events.join(",")}]}`).eventsByType);

  test("are counted whether or not they are a column", () => {
    const body = '{"results":[{"type":"open"},{"type":"click"},{"type":"open"}]}';
    for (const columns of [["type"], ["x"], []]) {
      expect(Object.fromEntries(project(columns, body).eventsByType)).toEqual({
        open: 2,
        click: 1,
      });
    }
  });

  test("are the event's own, the last of several, and text", () => {
    expect(
      countsOf(
        '{"type":"open","type":"click"}',
        '{"type":"open","type":null}',
        '{"type":12345678901234567890}',
        '{"type":["open"]}',
        '{"rcpt_meta":{"type":"open"}}',
      ),
    ).toEqual({ click: 1 });
  });

  test("are counted together however they are spelt", () => {
    expect(countsOf('{"type":"open"}', '{"t\\u0079pe":"\\u006fpen"}')).toEqual({ open: 2 });
  });

  test("can be many, and odd", () => {
    const compare = createComparison(layoutOf(["type"]));
    const types = Array.from({ length: 2000 }, (_, index) => `{"type":"type ${index % 700}"}`);
    compare(`{"results":[${types.join(",")}]}`);
    compare('{"results":[{"type":""},{"type":"__proto__"},{"type":"\\ud800"},{"type":"\ufffd"}]}');
  });

  test("are those of this page", () => {
    const projector = createCsvConverter(layoutOf(["type"]));
    projector.convert(Buffer.from('{"results":[{"type":"open"}]}'));
    const { eventsByType } = projector.convert(Buffer.from('{"results":[{"type":"click"}]}'));
    expect(Object.fromEntries(eventsByType)).toEqual({ click: 1 });
  });
});

describe("timestamps", () => {
  const hour = Date.parse("2026-11-19T23:00:00Z");
  const body = `{"results":[
    {"x":1,"timestamp":"2026-11-19T23:59:56.488Z","type":"open"},
    {"x":2,"timestamp":"2026-11-19T23:00:00.000Z","type":"click"},
    {"x":3,"timestamp":"2026-11-19T22:59:59.999Z","type":"open"},
    {"x":4,"timestamp":"yesterday","type":"open"},
    {"x":5}
  ]}`;

  test("tell which events are too old; those without one behind them are too", () => {
    const page = createCsvConverter(layoutOf(["x"])).convert(Buffer.from(body), {
      from: hour,
      to: Number.POSITIVE_INFINITY,
    });
    expect({ ...page, content: Buffer.from(page.content).toString() }).toMatchObject({
      content: "1\n2\n",
      eventCount: 2,
      tooNew: 0,
      tooOld: 3,
      newest: Date.parse("2026-11-19T23:59:56.488Z"),
      oldest: hour,
    });
  });

  test("tell which events are too new; those without one behind them may not be", () => {
    const results = [
      '{"x":1,"timestamp":"2026-11-19T23:00:00.000Z"}',
      '{"x":2}',
      '{"x":3,"timestamp":"2026-11-19T22:59:59.999Z"}',
    ];
    const page = createCsvConverter(layoutOf(["x"])).convert(
      Buffer.from(`{"results":[${results}]}`),
      { from: Number.NEGATIVE_INFINITY, to: hour },
    );
    expect({ ...page, content: Buffer.from(page.content).toString() }).toMatchObject({
      content: "2\n3\n",
      eventCount: 2,
      tooNew: 1,
      tooOld: 0,
      newest: hour - 1,
      oldest: hour - 1,
    });
  });

  test("that are numbers are no dates, whatever their digits", () => {
    const events = ["5", "1.50", "12345678901234567890"].map((time) => `{"timestamp":${time}}`);
    const page = createCsvConverter(layoutOf(["x"])).convert(
      Buffer.from(`{"results":[${events.join(",")}]}`),
      { from: Number.POSITIVE_INFINITY, to: Number.NEGATIVE_INFINITY },
    );
    expect(page).toMatchObject({ eventCount: 3, tooNew: 0, tooOld: 0 });
  });

  test.each([
    "2026-11-19T23:00:00.000Z",
    "2026-11-19T23:59:59.999Z",
    "2026-11-19T23:60:00.000Z",
    "2026-11-19T23:00:60.000Z",
    "2026-11-19T23:0a:00.000Z",
    "2026-11-19T23:00:00,000Z",
    "2026-11-19T23:00:00.000z",
    "2026-11-19T23:00:00.000A",
    "2026-11-19T23:00.00.000Z",
    "2026-11-19T23:00:00.00/Z",
    "2026-11-19T24:00:00.000Z",
    "2026-11-19T24:10:00.000Z",
    "2026-02-29T10:00:00.000Z",
    "2026-02-30T10:00:00.000Z",
    "2028-02-29T10:00:00.000Z",
    "2026-13-01T10:00:00.000Z",
    "2026-11-19T23:00:00Z",
    "2026-11-19T23:00:00.1234Z",
    "2026-11-19T23:00:00.000+00:00",
    "2026-11-19T23:00:00.000-05:00",
    "2026-11-19 23:00:00",
    "2026-11-19T23:00:00",
    "2026-11-19T23:00:00.000",
    "Thu, 19 Nov 2026 23:00:00 GMT",
    "1795129200",
    "",
  ])("%j", (text) => {
    const compare = createComparison(layoutOf(["x"]));
    const usual = '{"timestamp":"2026-11-19T23:30:00.500Z"}';
    for (const event of [
      `{"timestamp":${JSON.stringify(text)}}`,
      `{"timestamp":${JSON.stringify(text).replace("0", "\\u0030")}}`,
      `{"timestamp":"2026-11-19T23:10:00.000Z","timestamp":${JSON.stringify(text)}}`,
    ]) {
      for (const events of [event, `${usual},${event}`, `${event},${event},${usual}`]) {
        compare(`{"results":[${events}]}`, { from: hour, to: Number.POSITIVE_INFINITY });
        compare(`{"results":[${events}]}`, { from: Number.NEGATIVE_INFINITY, to: hour });
        compare(`{"results":[${events}]}`);
      }
    }
  });

  test("leave out nothing and everything", () => {
    const compare = createComparison(layoutOf(["x", "timestamp"]));
    const ends = [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY, Number.NaN];
    for (const range of ends.flatMap((from) => ends.map((to) => ({ from, to })))) {
      compare(body, range);
      compare('{"results":[{"timestamp":"2026-11-19T23:59:56.488Z"}],"results":[]}', range);
    }
  });
});

describe("ids", () => {
  const idsOf = (...events: string[]) => [
    ...createCsvConverter(layoutOf(["x"])).convert(
      Buffer.from(`{"results":[${events.map((event) => `{${event}}`)}]}`),
    ).ids,
  ];

  test("are the same for the same text, however it is spelt and wherever it stands", () => {
    const [plain, escaped, later, other] = idsOf(
      '"event_id":"92356927693813856"',
      '"event_id":"9235692769381385\\u0036"',
      '"x":"y","event_id" : "92356927693813856"',
      '"event_id":"92356927693813857"',
    );
    expect(plain).toBeGreaterThan(0);
    expect([escaped, later]).toEqual([plain, plain]);
    expect(other).not.toBe(plain);
  });

  test("are 0 where there is no text and no number", () => {
    const values = ['""', "null", "true", "[]", '{"a":1}'].map((value) => `"event_id":${value}`);
    expect(idsOf('"x":1', ...values)).toEqual([0, 0, 0, 0, 0, 0]);
  });

  test("differ, and each is a whole number that a double holds", () => {
    const texts = Array.from({ length: 10_000 }, (_, index) => `"event_id":"${index}"`);
    const ids = idsOf(...texts);
    expect(new Set(ids).size).toBe(10_000);
    expect(ids.every((id) => Number.isSafeInteger(id) && id > 0)).toBe(true);
  });

  test.each([
    "1",
    "-0",
    "1e5",
    "12345678901234567890",
    '"a"',
    '"1234567"',
    '"12345678"',
    '"123456789"',
    '"é"',
    '"\\u00e9"',
    '"\\ud83d"',
    '"a\\\\b"',
    '"0123456789abcdef0123456789abcdef"',
  ])("%s is known as to the reference", (value) => {
    createComparison(layoutOf(["x"]))(
      `{"results":[{"event_id":${value}},{"event_id":${value},"x":"\\\\"}]}`,
    );
  });
});

describe("the envelope", () => {
  const compare = createComparison(layoutOf(["x"]));

  test.each([
    "",
    " ",
    "{}",
    "[]",
    "null",
    "5",
    '"results"',
    '[{"results":[]}]',
    '{"results":[]}',
    ' \n{ "results" : [ ] }\r\t',
    '{"results":[]}{}',
    '{"results":[]},',
    '{"results":[]}\0',
    '{"results":[],}',
    '{"results":[{"x":1},]}',
    '{"results":[{"x":1,}]}',
    '{"results":[{"x":1}',
    '{"results":[{"x":1}]',
    '{"results":{}}',
    '{"results":null}',
    '{"results":"[]"}',
    '{"results":[1]}',
    '{"results":[[]]}',
    '{"results":[null]}',
    '{"results":[{"x":1},1.50]}',
    '{"re\\u0073ults":[{"x":1}]}',
    '{"Results":[]}',
    '{"results":[{"x":1}],"results":[{"x":2},{"x":3}]}',
    '{"results":[{"x":1,"type":"a"}],"results":[]}',
    '{"results":5,"results":[{"x":1}]}',
    '{"results":[5],"results":[{"x":1}]}',
    '{"results":[{"x":1}],"results":5}',
    '{"results":[{"x":1}],"results":[5]}',
    '{"results":[{"x":tru}],"results":[]}',
    '{"links":{"next":"/n"},"total_count":3,"results":[{"x":1}]}',
    '{"__proto__":{"results":[]}}',
    '{"__proto__":{"total_count":3},"results":[]}',
    '{"meta":{"results":[{"x":1}],"total_count":5},"results":[{"x":2}]}',
    '{"results":[{"x":{"results":[{"x":1}],"total_count":5,"links":{"next":"a"}}}]}',
    '{"results":[{"results":[{"x":1}],"total_count":5}]}',
  ])("%j", (body) => {
    compare(body);
  });

  test.each([
    "0",
    "-0",
    "7",
    "7.0",
    "7.00",
    "7e0",
    "70e-1",
    "7.5",
    "-1",
    "9007199254740991",
    "9007199254740992",
    "9007199254740993.0",
    "1e400",
    "null",
    "true",
    '"7"',
    "[]",
    "{}",
    " 7 ",
  ])("total_count %j", (value) => {
    compare(`{"results":[],"total_count":${value}}`);
    compare(`{"total_count":${value},"results":[{"x":1}]}`);
    compare(`{"total_count":${value},"results":[],"total_count":8}`);
    compare(`{"total_count":"8","results":[],"total\\u005fcount":${value}}`);
  });

  test.each([
    "null",
    "{}",
    "[]",
    "5",
    '"/next"',
    "true",
    '{"next":"/next"}',
    '{"next":"/n\\u0065xt\\/\\"é\\ud800"}',
    '{"next":null}',
    '{"next":""}',
    '{"next":5}',
    '{"next":{}}',
    '{"next":5,"next":"/next"}',
    '[{"rel":"first","href":"/first"},{"rel":"next","href":"/next"}]',
    '[5,null,{"rel":"next","href":"/next"},{"rel":"next","href":"/other"}]',
    '[{"rel":"next"}]',
    '[{"rel":"next","href":5}]',
    '[{"rel":1.50,"href":5}]',
  ])("links %j", (value) => {
    compare(`{"results":[],"links":${value}}`);
    compare(`{"links":${value},"results":[{"x":1}]}`);
    compare(`{"links":{"next":"/other"},"results":[],"links":${value}}`);
  });

  test("a next link that is a number is rejected whatever its digits", () => {
    for (const next of ["5", "1.50", "12345678901234567890"]) {
      expect(() => project(["x"], `{"results":[],"links":{"next":${next}}}`)).toThrow(
        MalformedAnswerError,
      );
    }
  });
});

describe("JSON is accepted exactly where JSON.parse accepts it", () => {
  const compare = createComparison(layoutOf(["x"]));
  const everywhere = (fragment: string): void => {
    for (const body of [
      fragment,
      `{"results":[{"x":${fragment}}]}`,
      `{"results":[{"y":${fragment},"x":1}]}`,
      `{"results":[{"x":[${fragment}]}]}`,
      `{"results":[{"y":{"z":${fragment}}}]}`,
      `{"results":[${fragment}]}`,
      `{"results":${fragment}}`,
      `{"total_count":${fragment},"results":[]}`,
      `{"meta":${fragment},"results":[]}`,
      `{"results":[{"x":1}],${fragment}:1}`,
      `{"results":[{${fragment}:1}]}`,
      `{"results":[{"y":{${fragment}:1}}]}`,
    ]) {
      compare(body);
    }
  };

  test.each([
    ..."0 -0 7 10 1.5 0.5 1e5 1E5 1e+5 1e-5 1.5E05 -1.5e0 12345678901234567890".split(" "),
    ..."- + +1 --1 01 -01 00 1. .5 -.5 1.e5 1e 1e+ 1e5.5 1.5.5 0x10 1_0 1n 1e5e5 ０".split(" "),
    ..."NaN Infinity -Infinity undefined".split(" "),
    ..."true false null True tru truee fals falsee falsy nul nulll n".split(" "),
    ...'[] {} [1] [1,2] [[]] [{}] {"a":1} {"a":{}} {"a":[]}'.split(" "),
    ...'[ ] { } [,] [1,] [,1] [1,,2] [} {] [1}, {"a":1] ]] }}'.split(" "),
    ...'{,} {"a"} {"a":} {"a":1,} {,"a":1} {a:1} {1:1} {"a"::1} {"a",1} {"a":1:2}'.split(" "),
    ...'[1 2]|{"a" 1}|{"a":1 "b":2}|1 2|tr ue|- 1|1 .5|"a" "b"'.split("|"),
    ..."'a'|// a|/* a */ 1|#|`a`".split("|"),
    ...'" |"|a"|"a|"""|"\\"|"\\|"a\\\\"|"a\\\\\\"'.split("|"),
    ...'"\\a" "\\x41" "\\0" "\\v" "\\\'" "\\U0041" "\\\n"'.split(" "),
    ...'"\\u" "\\u0" "\\u00" "\\u004" "\\u0041" "\\u00e9" "\\u00E9" "\\u00g0" "\\u 041"'.split(" "),
    ...'"\\u+041" "\\u-041" "\\u0x41" "\\uD800" "\\uDC00" "\\uD83D\\uDE00" "\\ud83d\\u"'.split(" "),
  ])("%j", everywhere);

  test("every byte in a string, and after a backslash", () => {
    for (let byte = 0; byte < 256; byte++) {
      for (const before of ["", "a", "ab", "abc", "abcd", "\\", "abc\\"]) {
        const text = Buffer.from(`"${before}?def"`);
        text[before.length + 1] = byte;
        compare(Buffer.concat([Buffer.from('{"results":[{"x":'), text, Buffer.from("}]}")]));
        compare(Buffer.concat([Buffer.from('{"results":[{"y":'), text, Buffer.from("}]}")]));
      }
    }
  });

  test("every byte between tokens", () => {
    for (let byte = 0; byte < 256; byte++) {
      for (const template of [
        '?{"results":[{"x":1}]}',
        '{?"results":[{"x":1}]}',
        '{"results"?:[{"x":1}]}',
        '{"results":?[{"x":1}]}',
        '{"results":[?{"x":1}]}',
        '{"results":[?]}',
        '{"results":[{?"x":1}]}',
        '{"results":[{?}]}',
        '{"results":[{"x"?:1}]}',
        '{"results":[{"x":?1}]}',
        '{"results":[{"x":1?}]}',
        '{"results":[{"x":true?}]}',
        '{"results":[{"x":[?]}]}',
        '{"results":[{"x":[1?,2]}]}',
        '{"results":[{"x":{"a"?:1}}]}',
        '{"results":[{"y":1}?]}',
        '{"results":[]?}',
        '{"results":[]}?',
      ]) {
        const body = Buffer.from(template);
        body[template.indexOf("?")] = byte;
        compare(body);
      }
    }
  });

  test("every cut, deletion and significant byte in a page", () => {
    const page = Buffer.from(
      '{"results":[{"x":"a\\u00e9,é","y":{"z":[-1.5e+3,true,null,{}],"\\n":false}},{"x":[ "b\\\\"]}],"total_count":20,"links":{"next":"/n"}}',
    );
    for (let at = 0; at < page.length; at++) {
      compare(page.subarray(0, at));
      compare(page.subarray(at));
      compare(Buffer.concat([page.subarray(0, at), page.subarray(at + 1)]));
      for (const byte of Buffer.from('{}[]:,"\\ 0.-eu\n\t\0\xff', "latin1")) {
        compare(Buffer.concat([page.subarray(0, at), Buffer.of(byte), page.subarray(at)]));
        const changed = Buffer.from(page);
        changed[at] = byte;
        compare(changed);
      }
    }
  });
});

describe("depth", () => {
  const compare = createComparison(layoutOf(["x"]));
  const arrays = (depth: number): string => `${"[".repeat(depth)}${"]".repeat(depth)}`;
  const objects = (depth: number): string => `${'{"a":'.repeat(depth)}1${"}".repeat(depth)}`;

  test.each([63, 64, 65, 1000, 10_000])("%i levels", (depth) => {
    for (const value of [arrays(depth), objects(depth), `[${arrays(depth)},${objects(depth)}]`]) {
      for (const key of ["x", "y"]) {
        compare(`{"results":[{"${key}":${value}}]}`);
        compare(`{"results":[{"${key}":${value.slice(1)}}]}`);
        compare(`{"results":[{"${key}":${value.slice(0, -1)}}]}`);
      }
    }
    compare(`{"results":[{"x":${objects(depth).replace('"a":1', '"a":1,"a":2')}}]}`);
  });

  test("a million levels", () => {
    compare(`{"results":[{"x":${arrays(1_000_000)}}]}`);
  });
});

describe("encoding", () => {
  const compare = createComparison(layoutOf(["x", "é"]));
  const page = (text: Uint8Array): Buffer =>
    Buffer.concat([Buffer.from('{"results":[{"x":"'), text, Buffer.from('","é":["é"]}]}')]);
  const mark = Buffer.from("\ufeff");

  test("one byte order mark is skipped, no more", () => {
    const body = page(Buffer.from("é"));
    compare(Buffer.concat([mark, body]));
    compare(Buffer.concat([mark, mark, body]));
    compare(Buffer.concat([mark, page(Buffer.of(0xff))]));
    compare(Buffer.concat([mark, mark, page(Buffer.of(0xff))]));
    compare(Buffer.concat([mark.subarray(0, 2), body]));
    for (const start of ["\ufefe", "\uf03f", "a\u00bf"]) {
      compare(Buffer.concat([Buffer.from(start), body]));
    }
    compare(mark);
    compare(page(mark));
  });

  test.each([
    ["a stray byte", [0xff]],
    ["a stray continuation", [0x80]],
    ["a cut sequence", [0xe2, 0x82]],
    ["a cut sequence before a quote", [0xf0, 0x9f, 0x98]],
    ["an overlong quote", [0xc0, 0xa2]],
    ["an encoded surrogate", [0xed, 0xa0, 0x80]],
    ["beyond Unicode", [0xf4, 0x90, 0x80, 0x80]],
    ["the last code point", [0xf4, 0x8f, 0xbf, 0xbf]],
  ])("%s", (_name, bytes) => {
    compare(page(Buffer.from(bytes)));
    compare(Buffer.concat([page(Buffer.from(bytes)), Buffer.from(bytes)]));
    compare(
      Buffer.concat([Buffer.from('{"results":[{"'), Buffer.from(bytes), Buffer.from('":1}]}')]),
    );
  });
});

describe("a large page", () => {
  const events = (
    count: number,
    event = '{"type":"open","x":"a long text, of more than one word"}',
  ) => Array.from({ length: count }, () => event).join();
  const deep = `{"type":"open","x":${"[".repeat(5_000)}${"]".repeat(5_000)}}`;

  function receive(stream: StreamingConverter, body: string | Uint8Array) {
    stream.begin(body.length);
    stream.write(Buffer.from(body));
    return stream.end(anyTime);
  }

  test.each([
    ["whose results come twice", `{"results":[],"results":[${events(3_000)}]}`],
    ["with results that are no list", `{"results":{},"x":"${"x".repeat(100_000)}","results":[]}`],
    ["of more events than there can be", `{"results":[${events(20_000)}]}`],
    ["with a very deep value", `{"results":[${events(3_000)},${deep}]}`],
    ["that is not whole", `{"results":[${events(3_000)}`],
    ["that is no JSON", `<html>${"<p>".repeat(50_000)}</html>`],
    ["of something else", `{"errors":[${events(3_000)}]}`],
  ])("%s is asked for once more, and left to the reference", (_, body) => {
    const layout = layoutOf(["type", "x"]);
    const stream = csvFormat(layout).openPages();
    for (let time = 0; time < 2; time++) {
      expect(() => receive(stream, body)).toThrow(
        new MalformedAnswerError("the answer is not the usual kind of page"),
      );
      expect(resultOf(() => receive(stream, body))).toEqual(
        resultOf(() => createCsvReference(layout).convert(Buffer.from(body))),
      );
      // The next one is received as ever.
      expect(receive(stream, `{"results":[${events(3_000)}]}`).eventCount).toBe(3_000);
    }
  });

  test.each([
    ["with a byte order mark", `\ufeff{"results":[${events(3_000)}]}`],
    ["with bytes that are not UTF-8", `{"results":[${events(3_000)},{"x":"caf\u00e9"}]}`],
    ["that is empty", `{"results":[],"x":"${"x".repeat(100_000)}"}`],
  ])("%s is taken at once", (_, text) => {
    const layout = layoutOf(["type", "x"]);
    const body = Buffer.from(text, text.includes("caf") ? "latin1" : "utf8");
    expect(plain(receive(csvFormat(layout).openPages(), body))).toEqual(
      plain(createCsvReference(layout).convert(body)),
    );
  });

  function resultOf(convert: () => ConvertedPage) {
    try {
      return plain(convert());
    } catch (error) {
      return String(error);
    }
  }

  function plain({ content, ...page }: ConvertedPage) {
    return { ...page, content: Buffer.from(content).toString() };
  }
});
