import { searchFilters } from "../api/search-filters.js";
import { type Column, type CsvLayout, completeLayout } from "../csv/csv-layout.js";

/** Properties that searches compare, which the store keeps beside the event's text. */
export const keyProperties: readonly string[] = [
  ...new Set(searchFilters.map(({ property }) => property)),
];

/** The columns of the files that a store loads. */
export const storeColumns: readonly Column[] = [
  ...[...keyProperties, "type", "timestamp"].map((name) => ({ header: name, path: [name] })),
  // The event itself.
  { header: "event", path: [] },
];

/** The events, which are most of a file, come in nothing but their own characters. */
export const storeQuote = "\u0001";

/** How the files are written that a store loads. */
export function storeLayout(): CsvLayout {
  return completeLayout({
    columns: storeColumns,
    timestampFormat: "epoch",
    delimiter: ",",
    recordDelimiter: "\n",
    byteOrderMark: false,
    quoteText: false,
    escapeFormulas: false,
    quote: storeQuote,
  });
}
