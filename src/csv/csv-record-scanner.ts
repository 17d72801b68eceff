import type { RecordScanner } from "../pages/record-scanner.js";
import { type CsvFormat, quoteOf } from "./csv-layout.js";

const lineFeed = 0x0a;

/** Of CSV: a line break within quotes belongs to a field (RFC 4180, section 2). */
export class CsvRecordScanner implements RecordScanner {
  readonly #quote: number;
  #quoted = false;
  #last = lineFeed;

  constructor(format: CsvFormat) {
    this.#quote = quoteOf(format).charCodeAt(0);
  }

  get betweenRecords(): boolean {
    return !this.#quoted && this.#last === lineFeed;
  }

  read(csv: Uint8Array, most: number): { records: number; end: number } {
    const quote = this.#quote;
    let quoted = this.#quoted;
    let records = 0;
    let end = 0;
    while (end < csv.length && records < most) {
      const byte = csv[end];
      end += 1;
      if (byte === quote) {
        quoted = !quoted;
      } else if (byte === lineFeed && !quoted) {
        records += 1;
      }
    }
    this.#quoted = quoted;
    this.#last = csv[end - 1] ?? this.#last;
    return { records, end };
  }
}
