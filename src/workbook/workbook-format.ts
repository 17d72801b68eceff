import { formatCount } from "../count.js";
import type { Column, CsvFormat } from "../csv/csv-layout.js";
import { UsageError } from "../errors.js";

/** What a workbook is made of: texts are in quotes, and nothing else is. */
export const workbookFormat = {
  timestampFormat: "iso",
  delimiter: ",",
  recordDelimiter: "\n",
  byteOrderMark: false,
  escapeFormulas: false,
  quoteText: true,
} as const satisfies CsvFormat;

/** Excel's "specifications and limits". */
const mostColumns = 16_384;

/** @throws UsageError where a sheet cannot have so many columns */
export function refuseTooWide(columns: readonly Column[]): void {
  if (columns.length > mostColumns) {
    throw new UsageError(
      `A sheet has at most ${formatCount(mostColumns)} columns, and ${formatCount(columns.length)} are asked for.`,
      { hint: "Write fewer columns, or a CSV." },
    );
  }
}
