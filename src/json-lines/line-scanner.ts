import type { RecordScanner } from "../pages/record-scanner.js";

const lineFeed = 0x0a;

/** Of JSON lines: nothing but the end of a record is a line feed. */
export class LineScanner implements RecordScanner {
  #last = lineFeed;

  get betweenRecords(): boolean {
    return this.#last === lineFeed;
  }

  read(lines: Uint8Array, most: number): { records: number; end: number } {
    let records = 0;
    let end = 0;
    while (records < most) {
      const found = lines.indexOf(lineFeed, end);
      if (found === -1) {
        end = lines.length;
        break;
      }
      records += 1;
      end = found + 1;
    }
    this.#last = lines[end - 1] ?? this.#last;
    return { records, end };
  }
}
