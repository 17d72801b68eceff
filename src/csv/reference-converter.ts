import { stringify } from "csv-stringify/sync";
import { type Answer, type Event, MalformedAnswerError, readAnswer } from "../api/answer.js";
import { exactJson, exactText, isText, parseExactJson } from "./exact-json.js";
import type { ConvertedPage, PageConverter } from "./page-converter.js";

/**
 * The converter that defines what correct output is: parses a page, then writes its events.
 *
 * @param columns names of event properties, in the order of the columns
 */
export function createReferenceConverter(columns: readonly string[]): PageConverter {
  const dialect = {
    record_delimiter: "\n",
    // A lone CR ends a record for many readers, but not for csv-stringify.
    quoted_match: /\r/,
    // A record of one blank field would otherwise be an empty line, which readers skip.
    quoted_empty: columns.length === 1,
  };
  const write = (records: readonly (readonly string[])[]): Uint8Array =>
    Buffer.from(stringify(records as string[][], dialect));

  return {
    header: () => write([columns]),
    convert(body, notBefore = Number.NEGATIVE_INFINITY): ConvertedPage {
      const { events: all, ...envelope } = parsePage(body);
      let time = Number.NaN;
      const events = all.filter((event) => {
        const own = timeOf(event);
        time = Number.isNaN(own) ? time : own;
        return !(time < notBefore);
      });
      return {
        ...envelope,
        eventCount: events.length,
        leftOut: all.length - events.length,
        oldest: oldestOf(events),
        csv: write(events.map((event) => columns.map((column) => fieldOf(event, column)))),
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

/** Epoch milliseconds, or NaN. */
function timeOf({ timestamp }: Event): number {
  return isText(timestamp) ? Date.parse(timestamp) : Number.NaN;
}

function oldestOf(events: readonly Event[]): number {
  let oldest = Number.POSITIVE_INFINITY;
  for (const event of events) {
    const time = timeOf(event);
    if (time < oldest) {
      oldest = time;
    }
  }
  return oldest;
}

/** A property's value as the text of a field, not quoted yet. */
function fieldOf(event: Event, property: string): string {
  // An own property only: an event without "constructor" has a blank there.
  const value = Object.hasOwn(event, property) ? event[property] : undefined;
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

function countTypes(events: readonly Event[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const { type } of events) {
    if (isText(type)) {
      counts.set(type, (counts.get(type) ?? 0) + 1);
    }
  }
  return counts;
}
