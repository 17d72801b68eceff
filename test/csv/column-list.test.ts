import { describe, expect, test } from "vitest";
import { eventProperties } from "../../src/catalog/event-catalog.js";
import { formatPath, parseColumns, unknownColumns } from "../../src/csv/column-list.js";
import { completeLayout } from "../../src/csv/csv-layout.js";
import { UsageError } from "../../src/errors.js";

const all = Object.keys(eventProperties);

describe("a column", () => {
  test.each<[text: string, header: string, path: string[]]>([
    ["subject", "subject", ["subject"]],
    ["rcpt_meta.order.id", "rcpt_meta.order.id", ["rcpt_meta", "order", "id"]],
    ["rcpt_tags.0", "rcpt_tags.0", ["rcpt_tags", "0"]],
    ['rcpt_meta."a.b"', "rcpt_meta.a.b", ["rcpt_meta", "a.b"]],
    ['"a.b"', "a.b", ["a.b"]],
    [
      'rcpt_meta."say ""hi"", you".x',
      'rcpt_meta.say "hi", you.x',
      ["rcpt_meta", 'say "hi", you', "x"],
    ],
    ['rcpt_meta.""', "rcpt_meta.", ["rcpt_meta", ""]],
    ["rcpt_meta.größe", "rcpt_meta.größe", ["rcpt_meta", "größe"]],
    ["rcpt_meta.user-id", "rcpt_meta.user-id", ["rcpt_meta", "user-id"]],
    ["timestamp AS time", "time", ["timestamp"]],
    ["timestamp as Sent at ", "Sent at", ["timestamp"]],
    ['timestamp AS "Sent, at ""noon"""', 'Sent, at "noon"', ["timestamp"]],
    ['rcpt_meta."a b"AS x', "x", ["rcpt_meta", "a b"]],
    ["as AS as", "as", ["as"]],
    ["asset", "asset", ["asset"]],
    ["event", "event", []],
    ["event AS json", "json", []],
    ['"event"', "event", ["event"]],
    ["event.a", "event.a", ["event", "a"]],
    ['"event".a', "event.a", ["event", "a"]],
    ["Event", "Event", ["Event"]],
  ])("%s", (text, header, path) => {
    expect(parseColumns(text)).toEqual([{ header, path }]);
    expect(parseColumns(` ,\n${text},`)).toEqual([{ header, path }]);
    expect(parseColumns(`${formatPath(path)} AS x`)).toEqual([{ header: "x", path }]);
  });

  test("that comes twice is there once, unless its name differs", () => {
    const headers = parseColumns("type, subject, type, type AS kind").map(({ header }) => header);
    expect(headers).toEqual(["type", "subject", "kind"]);
  });

  test("with the whole event is none with a property of its name", () => {
    expect(parseColumns("event, event, event AS event")).toHaveLength(1);
    const columns = parseColumns('event, "event"');
    expect(() => completeLayout({ columns })).toThrow('Two columns are called "event".');
  });

  test("cannot have the name of another", () => {
    const columns = parseColumns("subject, rcpt_meta.subject AS subject");
    expect(() => completeLayout({ columns })).toThrow('Two columns are called "subject".');
  });
});

describe("*", () => {
  const headersOf = (text: string) => parseColumns(text).map(({ header }) => header);

  test("is every property of the catalog, by the alphabet", () => {
    expect(headersOf("*")).toEqual([...all].sort());
  });

  test("goes with columns of one's own, before and after", () => {
    expect(headersOf("timestamp, *, rcpt_meta.order.id AS order")).toEqual([
      "timestamp",
      ...all.filter((name) => name !== "timestamp"),
      "order",
    ]);
  });

  test("leaves out what stands after it", () => {
    expect(headersOf("timestamp AS time, *, -timestamp, -rcpt_meta\n-geo_ip")).toEqual([
      "time",
      ...all.filter((name) => !["timestamp", "rcpt_meta", "geo_ip"].includes(name)),
    ]);
  });
});

describe("a list that makes no sense is refused:", () => {
  test.each<[text: string, message: string, hint: string]>([
    [".a", "column 1, .a: a name is missing beside the dot.", "Write a property, such as"],
    ["a, b.", "column 2, b.: a name is missing beside the dot.", "Write a property, such as"],
    ["a,b..c", "column 2, b..c: a name is missing beside the dot.", "Write a property, such as"],
    ["*, -", "column 2, -: a name is missing.", "Write a property, such as"],
    ['rcpt_meta."a.b', 'column 1, rcpt_meta."a.b: a quote is not closed.', 'Write " at both ends'],
    ["a AS , b", "column 1, a AS: the name after AS is missing.", "to be called: a AS name."],
    ["a as", "column 1, a as: the name after AS is missing.", "to be called: a AS name."],
    [
      "rcpt_meta.a b",
      'column 1, rcpt_meta.a b: "b" is more than a column.',
      "write rcpt_meta.a AS name; a name with spaces",
    ],
    ["* type", 'column 1, * type: "type" is more than a column.', "Put a comma between"],
    ["-subject", '"-subject" leaves out a column, but there is no * before it.', "*, -subject"],
    ["-subject, *", '"-subject" leaves out a column, but there is no * before it.', "*, -subject"],
    ["*, -subjct", '"-subjct" leaves out a property that is not in *.', "Did you mean -subject?"],
    ["*, -quux", '"-quux" leaves out a property that is not in *.', "Remove it from the list."],
    ["*, -event", '"-event" leaves out the whole event, which is not in *.', "Remove it from"],
    ["-event AS x", 'column 1, -event AS x: "AS x" is more than', "Put a comma between"],
    ['*, -"event"', '"-"event"" leaves out a property that is not in *.', "Remove it from"],
    ["*, -geo_ip.city", '"-geo_ip.city" leaves out a part of geo_ip; only', "Write -geo_ip, and"],
  ])("%s", (text, message, hint) => {
    let error: unknown;
    try {
      parseColumns(text);
    } catch (thrown) {
      error = thrown;
    }
    expect(error).toBeInstanceOf(UsageError);
    expect((error as UsageError).message).toContain(message);
    expect((error as UsageError).hint).toContain(hint);
  });
});

test("properties that nobody documents are named, with the nearest that is documented", () => {
  const list = 'Subject, "a.b".c, rcpt_meta.anything.at.all, event, events, "event" AS x, event.a';
  expect(unknownColumns(parseColumns(list))).toEqual([
    "Subject: did you mean subject?",
    '"a.b".c: SparkPost documents no such property.',
    "events: did you mean event?",
    '"event": did you mean event?',
    "event.a: SparkPost documents no such property.",
  ]);
});
