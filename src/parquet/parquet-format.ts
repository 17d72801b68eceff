import { formatPath, parseColumns } from "../csv/column-list.js";
import type { Column, CsvFormat } from "../csv/csv-layout.js";
import { wholeEvent } from "../csv/whole-event.js";
import { UsageError } from "../errors.js";

/** What a Parquet file is made of: text is in quotes, and nothing else is, so that an empty one is told from none. */
export const parquetFormat = {
  timestampFormat: "iso",
  delimiter: ",",
  recordDelimiter: "\n",
  byteOrderMark: false,
  escapeFormulas: false,
  quoteText: true,
  quote: "\u0001",
} as const satisfies CsvFormat;

/** Columns where nobody chose any: nothing of an event is lost. */
export const parquetProperties = `*, ${wholeEvent.name}`;

export function defaultParquetColumns(): Column[] {
  return parseColumns(parquetProperties);
}

/**
 * The columns of the CSV. In a record of one field, an empty text could not be told from none, so there are
 * always two.
 */
export function intermediateColumns(columns: readonly Column[]): readonly Column[] {
  const [first, second] = columns;
  return first && !second ? [first, { ...first, header: `${first.header} again` }] : columns;
}

/** Part of the path of a file in an archive, of which engines make columns. */
const partitionKeys = ["date", "hour"];

/**
 * Most programs that read Parquet do not tell capitals in the names of columns.
 *
 * @param isPartitioned whether the file is in folders such as `date=2026-11-19`
 * @throws UsageError where a column could not be asked for
 */
export function refuseUnclearNames(columns: readonly Column[], isPartitioned: boolean): void {
  const seen = new Map<string, string>(
    isPartitioned ? partitionKeys.map((key) => [key, `the folder ${key}=…`]) : [],
  );
  for (const { header, path } of columns) {
    const name = header.toLowerCase();
    if (name === "") {
      throw new UsageError("A column without a name cannot be in a Parquet file.", {
        hint: "Write a name behind AS.",
      });
    }
    const other = seen.get(name);
    if (other !== undefined) {
      throw new UsageError(
        `Programs that read Parquet could not tell the column ${JSON.stringify(header)} from ${other}.`,
        { hint: `Give it another name: ${formatPath(path)} AS "my ${header}".` },
      );
    }
    seen.set(name, `the column ${JSON.stringify(header)}`);
  }
}
