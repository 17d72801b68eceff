/** A field with the delimiter before it: the start of the text, a comma or LF. */
const field = /(^|,|\n)(?:"((?:[^"]|"")*)"|([^",\n]*))/g;

/**
 * Reads CSV as this package writes it: RFC 4180 with LF at the end of each record.
 *
 * @returns records of fields; a last record without its LF is left out, since it may be cut
 */
export function parseRecords(text: string): string[][] {
  const whole = text.slice(0, text.lastIndexOf("\n"));
  const records: string[][] = [[]];
  if (whole === "" && text === whole) {
    return [];
  }
  for (const [, before, quoted, plain = ""] of whole.matchAll(field)) {
    if (before === "\n") {
      records.push([]);
    }
    records.at(-1)?.push(quoted === undefined ? plain : quoted.replaceAll('""', '"'));
  }
  return records;
}
