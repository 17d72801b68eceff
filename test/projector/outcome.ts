import { expect } from "vitest";
import { MalformedAnswerError } from "../../src/api/answer.js";
import type { CsvLayout } from "../../src/csv/csv-layout.js";
import { createCsvReference } from "../../src/csv/csv-reference.js";
import { csvFormat } from "../../src/formats/csv-format.js";
import type { RecordFormat } from "../../src/formats/record-format.js";
import type { PageConverter } from "../../src/pages/page-converter.js";
import type { PageRange } from "../../src/pages/page-range.js";
import { createStreamConverter } from "./stream-converter.js";

/** All that a converter says of a page, or the message if it rejects it, to be compared. */
export function outcomeOf(
  converter: PageConverter,
  body: Uint8Array,
  range?: PageRange,
): object | string {
  try {
    const { content, ids, eventsByType, ...envelope } = converter.convert(body, range);
    // Latin-1 shows each byte as a character of its own.
    return {
      ...envelope,
      content: Buffer.from(content).toString("latin1"),
      ids: [...ids],
      eventsByType: [...eventsByType],
    };
  } catch (error) {
    if (error instanceof MalformedAnswerError) {
      return error.message;
    }
    throw error;
  }
}

/** Holds the converters of a format together, page after page. */
export function compareConverters(
  format: RecordFormat,
  reference: PageConverter,
): (body: string | Uint8Array, range?: PageRange) => void {
  const projector = createStreamConverter(format);
  return (body, range) => {
    const bytes = typeof body === "string" ? Buffer.from(body) : body;
    expect(outcomeOf(projector, bytes, range)).toStrictEqual(outcomeOf(reference, bytes, range));
  };
}

/** Holds a projector and the reference together, page after page. */
export function createComparison(
  layout: CsvLayout,
): (body: string | Uint8Array, range?: PageRange) => void {
  return compareConverters(csvFormat(layout), createCsvReference(layout));
}

/** Holds a new projector and the reference together for one page. */
export function expectSameOutcome(layout: CsvLayout, body: string | Uint8Array): void {
  createComparison(layout)(body);
}
