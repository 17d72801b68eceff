import type { FindPartRecord } from "../pages/find-part-record.js";
import { type Column, type CsvFormat, quoteOf } from "./csv-layout.js";

const lineFeed = 0x0a;

/** Comes first in the records of parts: SparkPost's own text, whatever the format. */
export const mergeColumn: Column = { header: "", path: ["timestamp"], asSent: true };

/**
 * Finds records whose first field is a timestamp. LF and the delimiter are a part of a field only between
 * quotes (RFC 4180).
 *
 * @param columns number of fields in a record, but for the timestamp in front
 */
export function partRecordFinder(columns: number, format: CsvFormat): FindPartRecord {
  const delimiter = format.delimiter.charCodeAt(0);
  const quote = quoteOf(format);
  const quoteByte = quote.charCodeAt(0);
  const emptyField = Buffer.from(quote + quote);
  return (memory, start, end) => {
    let quoted = false;
    let fieldEnd = -1;
    for (let index = start; index < end; index++) {
      const byte = memory[index];
      if (byte === quoteByte) {
        quoted = !quoted;
      } else if (quoted) {
        // Part of a field, whatever it is.
      } else if (byte === lineFeed) {
        const bytes = memory.subarray(fieldEnd + 1, index + 1);
        return {
          timestamp: memory.toString("latin1", start, fieldEnd).replaceAll(quote, ""),
          // An empty line would be no record for many readers.
          bytes: columns === 1 && isBlank(bytes) ? Buffer.concat([emptyField, bytes]) : bytes,
          end: index + 1,
        };
      } else if (byte === delimiter && fieldEnd === -1) {
        fieldEnd = index;
      }
    }
    return undefined;
  };
}

/** Whether there is nothing but the end of the record, LF or CR LF. */
function isBlank(record: Uint8Array): boolean {
  return record.length === 1 || (record.length === 2 && record[0] === 0x0d);
}
