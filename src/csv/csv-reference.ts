import { stringify } from "csv-stringify/sync";
import type { Event } from "../api/event.js";
import { eventTexts } from "../pages/event-texts.js";
import { exactJson, isText } from "../pages/exact-json.js";
import { instantReader } from "../pages/instant.js";
import type { PageConverter } from "../pages/page-converter.js";
import { literalOf, parsingConverter } from "../pages/parsing-converter.js";
import { isUtc } from "../time/utc-zone.js";
import { offsetAt } from "../time/zone-offsets.js";
import { type Column, type CsvLayout, quoteOf, zoneOf } from "./csv-layout.js";
import { escapeFormulas, escapeFormulasInJson } from "./formulas.js";
import { formatInstant, timeProperties } from "./timestamp.js";
import { valueAt } from "./value-at.js";

/**
 * The converter that defines what correct CSV is.
 *
 * CSV here is RFC 4180 in UTF-8, but for the delimiter and the quote that the layout names. Fields that
 * hold the delimiter, the quote, CR or LF are quoted, and all that is text where the layout says so.
 * Absent and null values are blank; strings stand as they are; numbers with the digits that were sent; booleans as
 * `true` and `false`; objects and arrays as compact JSON; the event itself with the characters that were
 * sent, but for line breaks between tokens. Where the layout says so, an apostrophe stands
 * in text, that of JSON too, before what a spreadsheet would run (`escapeFormulas`); and the times of an
 * event are formatted, unless they are no dates.
 */
export function createCsvReference(layout: CsvLayout): PageConverter {
  const write = recordWriter(layout);
  const fields = layout.columns.map((column) => fieldReader(column, layout));
  const showsEvents = layout.columns.some(({ path }) => path.length === 0);
  return parsingConverter(layout.sentZone, (events, text) => {
    const texts = showsEvents && events.length > 0 ? eventTexts(text) : [];
    return write(
      events.map(({ event, index }) => fields.map((field) => field(event, texts[index] ?? ""))),
    );
  });
}

/** The header record, with the byte order mark in front where the layout has one. */
export function headerOf(layout: CsvLayout): Uint8Array {
  const mark = Buffer.from(layout.byteOrderMark ? "\ufeff" : "");
  const write = recordWriter(layout);
  return Buffer.concat([mark, write([layout.columns.map(({ header }) => header)])]);
}

function recordWriter(layout: CsvLayout): (records: readonly (readonly Field[])[]) => Uint8Array {
  const { columns, delimiter, recordDelimiter, quoteText } = layout;
  const dialect = {
    delimiter,
    quote: quoteOf(layout),
    escape: quoteOf(layout),
    record_delimiter: recordDelimiter,
    // Either ends a record for many readers, but for csv-stringify only the delimiter as a whole.
    quoted_match: /[\r\n]/,
    quoted_string: quoteText,
    // A record of one blank field would otherwise be an empty line, which readers skip.
    ...(columns.length === 1 && { quoted_empty: true }),
    cast: { object: ({ literal }: Record<string, unknown>) => String(literal) },
  };
  return (records) => Buffer.from(stringify(records as Field[][], dialect));
}

/** What a field holds, not quoted yet: text, a number, boolean or time, or nothing. */
type Field = string | Literal | undefined;

interface Literal {
  readonly literal: string;
}

/** Reads what a column's field holds, of an event or of its text. */
type FieldReader = (event: Event, text: string) => Field;

function fieldReader({ path, asSent }: Column, layout: CsvLayout): FieldReader {
  if (path.length === 0) {
    return (_, text) => (layout.escapeFormulas ? escapeFormulasInJson(text) : text);
  }
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
