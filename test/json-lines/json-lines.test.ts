import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { MalformedAnswerError } from "../../src/api/answer.js";
import { jsonLinesFormat } from "../../src/formats/json-lines-format.js";
import { createLineReference } from "../../src/json-lines/line-reference.js";
import { LineScanner } from "../../src/json-lines/line-scanner.js";
import { findPartLine } from "../../src/json-lines/part-lines.js";
import type { PageRange } from "../../src/pages/page-range.js";
import { answer, anyValue, time } from "../projector/json-texts.js";
import { compareConverters } from "../projector/outcome.js";
import { createStreamConverter } from "../projector/stream-converter.js";
import { times } from "../support/random-numbers.js";

const format = jsonLinesFormat("UTC", "UTC");
const converters = [
  ["the reference", createLineReference("UTC")],
  ["the projector", createStreamConverter(format)],
] as const;

function compare(body: string | Uint8Array, range?: PageRange): void {
  compareConverters(format, createLineReference("UTC"))(body, range);
}

describe.each(converters)("%s", (_, converter) => {
  const linesOf = (body: string, range?: PageRange) =>
    Buffer.from(converter.convert(Buffer.from(body), range).content).toString();

  test.each([
    ["numbers with every digit", '{"a":12345678901234567890,"b":39.10,"c":1E5,"d":-0}'],
    ["escapes and characters", '{"a":"\\u00e9\\/\\n\\ud83d\\ude00 é 😀 \u2028"}'],
    ["the order of members, and such that come twice", '{"b":1,"a":2,"b":{"1":0,"0":1}}'],
    ["spaces and tabs between tokens", '{ "a" :\t1 , "b":[ 1, 2 ] }'],
    ["nothing in them", "{}"],
    ["properties that nobody knows", '{"new_one":{"deep":[[{"x":null}]]},"type":"later"}'],
  ])("writes events with %s as they came", (_name, event) => {
    expect(linesOf(`{"results":[${event},${event}]}`)).toBe(`${event}\n${event}\n`);
  });

  test("writes a pretty-printed event on one line", () => {
    const events = [{ type: "open", rcpt_tags: ["a\nb", {}], geo_ip: { city: "x", zip: [] } }, {}];
    const body = JSON.stringify({ results: events, total_count: 2 }, undefined, "\t\r\n  ");
    const lines = linesOf(body).split("\n");
    expect(lines).toHaveLength(3);
    expect(lines.slice(0, 2).map((line) => JSON.parse(line))).toEqual(events);
    expect(lines.join("")).not.toMatch(/\r/);
  });

  test("writes what is in the range, with what is known of it", () => {
    const event = (second: number) =>
      `{"timestamp":"2026-11-19T23:59:0${second}.000Z","type":"open","event_id":"${second}"}`;
    const body = `{"total_count":9,"results":[${[5, 4, 3, 2, 1].map(event)}],"links":{"next":"/n"}}`;
    const at = (second: number) => Date.UTC(2026, 10, 19, 23, 59, second);
    const page = converter.convert(Buffer.from(body), { from: at(2), to: at(5) });
    expect(Buffer.from(page.content).toString()).toBe(`${event(4)}\n${event(3)}\n${event(2)}\n`);
    expect(page).toMatchObject({
      eventCount: 3,
      tooNew: 1,
      tooOld: 1,
      newest: at(4),
      oldest: at(2),
      totalCount: 9,
      next: "/n",
      eventsByType: new Map([["open", 3]]),
    });
    expect(new Set(page.ids).size).toBe(3);
  });

  test.each([
    ['{"results":[{"a":1}', "the answer is not whole JSON"],
    ['{"results":[{"a":tru}]}', "the answer is not whole JSON"],
    ['{"results":[1]}', "the answer holds results that are not events"],
    ["[]", "the answer is not a JSON object"],
  ])("refuses %s", (body, message) => {
    expect(() => converter.convert(Buffer.from(body))).toThrow(new MalformedAnswerError(message));
  });

  test("takes the last results, wherever they stand and however they are spelt", () => {
    expect(
      linesOf(
        '\ufeff{"a":{"results":[{"x":1}]},"results":[{"x":2}],"total_count":1,"\\u0072esults" : [ {"x":3} ] , "b":["]"]}',
      ),
    ).toBe('{"x":3}\n');
  });

  test("writes replacement characters for what is no UTF-8", () => {
    const body = Buffer.from('{"results":[{"a":"x\xffy"}]}', "latin1");
    expect(Buffer.from(converter.convert(body).content).toString()).toBe('{"a":"x\ufffdy"}\n');
  });
});

test("line breaks at every place of a block, and at its ends, are left out", () => {
  for (let length = 0; length < 40; length++) {
    for (const space of ["\n", "\r\n", "\n\n\n", " \r"]) {
      const text = `{"a":"${"x".repeat(length)}"${space},${space}"b":${space}1${space}}`;
      compare(`{"results":[${text},${text}]}`);
    }
  }
});

test("arbitrary answers come out as from the reference", () => {
  const compareOn = compareConverters(format, createLineReference("UTC"));
  fc.assert(
    fc.property(answer, time, time, (body, from, to) => compareOn(body, { from, to })),
    { numRuns: times(200, 1000) },
  );
});

test("arbitrary values come out as they were sent", () => {
  const converter = createStreamConverter(format);
  fc.assert(
    fc.property(anyValue, (value) => {
      const event = `{"x":${value},"y":[${value}]}`;
      const { content } = converter.convert(Buffer.from(`{"results":[${event}]}`));
      expect(Buffer.from(content).toString()).toBe(`${event.replaceAll(/[\r\n]/g, "")}\n`);
    }),
    { numRuns: times(200, 1000) },
  );
});

test("records are told apart wherever the pieces are cut", () => {
  const lines = Buffer.from('{"a":"\\""}\n{"b":"\\n"}\n{}\n');
  for (let size = 1; size <= lines.length; size++) {
    const scanner = new LineScanner();
    let records = 0;
    for (let start = 0; start < lines.length; start += size) {
      records += scanner.read(lines.subarray(start, start + size), 9).records;
    }
    expect(records).toBe(3);
    expect(scanner.betweenRecords).toBe(true);
  }
  const scanner = new LineScanner();
  expect(scanner.read(lines, 2)).toEqual({ records: 2, end: lines.length - 3 });
  expect(scanner.read(lines.subarray(-3, -1), 2)).toEqual({ records: 0, end: 2 });
  expect(scanner.betweenRecords).toBe(false);
});

test("a line of a part tells when its event happened", () => {
  const memory = Buffer.from(
    '{"timestamp":"t1","a":{"timestamp":"no"}}\n{"timestamp":5}\n{}\n{"a"',
  );
  const first = findPartLine(memory, 0, memory.length);
  expect(first).toMatchObject({ timestamp: "t1", end: 42 });
  expect(first?.bytes.toString()).toBe('{"timestamp":"t1","a":{"timestamp":"no"}}\n');
  const second = findPartLine(memory, 42, memory.length);
  expect(second).toMatchObject({ timestamp: "5" });
  const third = findPartLine(memory, second?.end ?? 0, memory.length);
  expect(third).toMatchObject({ timestamp: "" });
  expect(findPartLine(memory, third?.end ?? 0, memory.length)).toBeUndefined();
  expect(findPartLine(memory, 0, 41)).toBeUndefined();
});
