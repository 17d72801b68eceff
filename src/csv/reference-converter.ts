import { stringify } from "csv-stringify/sync";
import { type Answer, MalformedAnswerError, readAnswer } from "../api/answer.js";
import type { Event } from "../api/event.js";
import { checksumOf } from "../checksum.js";
import { type Column, type CsvLayout, isIndex, zoneOf } from "./csv-layout.js";
import { hashEventId } from "./event-id.js";
import { exactJson, exactText, isText, parseExactJson } from "./exact-json.js";
import type { ConvertedPage, PageConverter } from "./page-converter.js";
import { anyTime, selectRange } from "./page-range.js";
import { formatInstant, instantReader, isUtc, timeProperties } from "./timestamp.js";
import { offsetAt } from "./zone-offsets.js";

/** The converter that defines what correct output is: parses a page, then writes its events. */
export function createReferenceConverter(layout: CsvLayout): PageConverter {
  const { columns, delimiter, recordDelimiter } = layout;
  const dialect = {
    delimiter,
    record_delimiter: recordDelimiter,
    // Either ends a record for many readers, but for csv-stringify only the delimiter as a whole.
    quoted_match: /[\r\n]/,
    // A record of one blank field would otherwise be an empty line, which readers skip.
    quoted_empty: columns.length === 1,
  };
  const write = (records: readonly (readonly string[])[]): Uint8Array =>
    Buffer.from(stringify(records as string[][], dialect));
  const readTime = instantReader(layout);
  const fields = columns.map((column) => fieldReader(column, layout));

  return {
    header(): Uint8Array {
      const mark = Buffer.from(layout.byteOrderMark ? "\ufeff" : "");
      return Buffer.concat([mark, write([columns.map(({ header }) => header)])]);
    },
    convert(body, range = anyTime): ConvertedPage {
      const { events: all, ...envelope } = parsePage(body);
      const times = Float64Array.from(all, ({ timestamp }) =>
        isText(timestamp) ? readTime(timestamp) : Number.NaN,
      );
      const { chosen, ...selection } = selectRange(times, range);
      const events = all.filter((_, index) => chosen[index] === 1);
      const csv = write(events.map((event) => fields.map((field) => field(event))));
      return {
        ...envelope,
        ...selection,
        eventCount: events.length,
        ids: Float64Array.from(events, idOf),
        csv,
        checksum: checksumOf(csv),
        eventsByType: countTypes(events),
      };
    },
  };
}

function parsePage(body: Uint8Array): Answer {
  const answer = parseBody(body);
  if (typeof answer !== "object" || answer === null || Array.isArray(answer)) {
    return readAnswer(answer);
  }
  const { total_count = null, links = null, ...rest }: Event = { ...answer };
  // What is read of these two is no matter of digits.
  return readAnswer({ ...rest, total_count: rounded(total_count), links: rounded(links) });
}

/** A value as `JSON.parse` reads it. */
function rounded(value: unknown): unknown {
  return JSON.parse(exactJson(value));
}

function parseBody(body: Uint8Array): unknown {
  try {
    return parseExactJson(new TextDecoder().decode(body));
  } catch (error) {
    throw new MalformedAnswerError("the answer is not whole JSON", { cause: error });
  }
}

function idOf({ event_id: id }: Event): number {
  return typeof id === "string" || typeof id === "number" ? hashEventId(fieldOf(id)) : 0;
}

/** Reads the text of a column's field, not quoted yet. */
function fieldReader({ path, asSent }: Column, layout: CsvLayout): (event: Event) => string {
  const { escapeFormulas } = layout;
  const timestampFormat = asSent ? "raw" : layout.timestampFormat;
  const plain = (value: unknown): string =>
    escapeFormulas && isText(value) ? escapeFormula(value) : fieldOf(value);
  const [property = ""] = path;
  if (path.length > 1 || !timeProperties.has(property) || timestampFormat === "raw") {
    return (event) => plain(valueAt(event, path));
  }
  const readTime = instantReader(layout);
  const zone = zoneOf(layout.zone);
  return (event) => {
    const value = valueAt(event, path);
    const instant =
      typeof value === "string" || typeof value === "number"
        ? readTime(fieldOf(value))
        : Number.NaN;
    return Number.isNaN(instant)
      ? plain(value)
      : formatInstant(
          instant,
          timestampFormat,
          isUtc(layout.zone) ? undefined : offsetAt(zone, instant),
        );
  };
}

/** The value that a path leads to, or undefined. */
function valueAt(event: Event, path: readonly string[]): unknown {
  let value: unknown = event;
  for (const name of path) {
    if (typeof value !== "object" || value === null) {
      return undefined;
    }
    // An own property only: an event without "constructor" has a blank there.
    const isMember = Array.isArray(value) ? isIndex(name) : true;
    value = isMember && Object.hasOwn(value, name) ? (value as Event)[name] : undefined;
  }
  return value;
}

/** A value as the text of a field. */
function fieldOf(value: unknown): string {
  switch (typeof value) {
    case "string":
      return exactText(value);
    case "number":
    case "boolean":
      return String(value);
    default:
      return value === undefined || value === null ? "" : exactJson(value);
  }
}

/** A spreadsheet runs such text, and shows it as it is when an apostrophe stands before it. */
function escapeFormula(text: string): string {
  return /^[=+\-@\t\r\uff1d\uff0b\uff0d\uff20]/.test(text) ? `'${text}` : text;
}

function countTypes(events: readonly Event[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const { type } of events) {
    if (isText(type)) {
      counts.set(type, (counts.get(type) ?? 0) + 1);
    }
  }
  return counts;
}
