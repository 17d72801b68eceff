import { stringify } from "csv-stringify/sync";
import { type Answer, MalformedAnswerError, readAnswer } from "../api/answer.js";
import type { Event } from "../api/event.js";
import { checksumOf } from "../checksum.js";
import { hashEventId } from "../pages/event-id.js";
import { exactJson, exactText, isText, parseExactJson } from "../pages/exact-json.js";
import type { ConvertedPage, PageConverter } from "../pages/page-converter.js";
import { anyTime, selectRange } from "../pages/page-range.js";
import { offsetAt } from "../time/zone-offsets.js";
import { type Column, type CsvLayout, isIndex, zoneOf } from "./csv-layout.js";
import { escapeFormulas, escapeFormulasInJson } from "./formulas.js";
import { formatInstant, instantReader, isUtc, timeProperties } from "./timestamp.js";

/** The converter that defines what correct output is: parses a page, then writes its events. */
export function createReferenceConverter(layout: CsvLayout): PageConverter {
  const { columns, delimiter, recordDelimiter } = layout;
  const dialect = {
    delimiter,
    record_delimiter: recordDelimiter,
    // Either ends a record for many readers, but for csv-stringify only the delimiter as a whole.
    quoted_match: /[\r\n]/,
    quoted_string: layout.quoteText,
    // A record of one blank field would otherwise be an empty line, which readers skip.
    ...(columns.length === 1 && { quoted_empty: true }),
    cast: { object: ({ literal }: Record<string, unknown>) => String(literal) },
  };
  const write = (records: readonly (readonly Field[])[]): Uint8Array =>
    Buffer.from(stringify(records as Field[][], dialect));
  const readTime = instantReader(layout.sentZone);
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
  return typeof id === "string" || typeof id === "number" ? hashEventId(literalOf(id)) : 0;
}

/** What a field holds, not quoted yet: text, a number, boolean or time, or nothing. */
type Field = string | Literal | undefined;

interface Literal {
  readonly literal: string;
}

/** Reads what a column's field holds. */
function fieldReader({ path, asSent }: Column, layout: CsvLayout): (event: Event) => Field {
  const timestampFormat = asSent ? "raw" : layout.timestampFormat;
  const plain = (value: unknown): Field => {
    if (value === undefined || value === null) {
      return undefined;
    }
    if (isText(value)) {
      return layout.escapeFormulas ? escapeFormulas(value) : value;
    }
    if (typeof value !== "object") {
      return { literal: literalOf(value) };
    }
    const json = exactJson(value);
    return layout.escapeFormulas ? escapeFormulasInJson(json) : json;
  };
  const [property = ""] = path;
  if (path.length > 1 || !timeProperties.has(property) || timestampFormat === "raw") {
    return (event) => plain(valueAt(event, path));
  }
  const readTime = instantReader(layout.sentZone);
  const zone = zoneOf(layout.zone);
  return (event) => {
    const value = valueAt(event, path);
    const instant =
      typeof value === "string" || typeof value === "number"
        ? readTime(literalOf(value))
        : Number.NaN;
    return Number.isNaN(instant)
      ? plain(value)
      : {
          literal: formatInstant(
            instant,
            timestampFormat,
            isUtc(layout.zone) ? undefined : offsetAt(zone, instant),
          ),
        };
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

/** A string, number or boolean as it was sent. */
function literalOf(value: unknown): string {
  return typeof value === "string" ? exactText(value) : String(value);
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
