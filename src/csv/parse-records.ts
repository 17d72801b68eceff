/** A field with what stands before it: a comma, or the LF between two records. */
const field = /([,\n])(?:"((?:[^"]|"")*)"|([^",\n]*))/g;

/**
 * Reads CSV as this package writes it: RFC 4180 with LF at the end of each record.
 *
 * @returns records of fields; a last record without its LF is left out, since it may be cut
 */
export function parseRecords(text: string): string[][] {
  const end = text.lastIndexOf("\n");
  if (end === -1) {
    return [];
  }
  const records: string[][] = [];
  for (const [, before, quoted, plain = ""] of `\n${text.slice(0, end)}`.matchAll(field)) {
    if (before === "\n") {
      records.push([]);
    }
    records.at(-1)?.push(quoted === undefined ? plain : quoted.replaceAll('""', '"'));
  }
  return records;
}
