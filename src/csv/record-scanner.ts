const quote = 0x22;
const lineFeed = 0x0a;

/**
 * Finds the ends of records in CSV that arrives in pieces, cut anywhere: a line break within quotes
 * belongs to a field (RFC 4180, section 2).
 */
export class RecordScanner {
  #quoted = false;

  /** Whether what was read does not end within quotes. */
  get outsideQuotes(): boolean {
    return !this.#quoted;
  }

  /**
   * Reads on, behind the last of `most` records at the furthest.
   *
   * @returns number of records that ended, and how many bytes were read
   */
  read(csv: Uint8Array, most: number): { records: number; end: number } {
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
    return { records, end };
  }
}
