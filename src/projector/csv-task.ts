import { type Column, type CsvLayout, quoteOf } from "../csv/csv-layout.js";
import { escapeFormulasInJson } from "../csv/formulas.js";
import { HourTemplates } from "../csv/hour-templates.js";
import { timeProperties } from "../csv/timestamp.js";
import { exactJson, parseExactJson } from "../pages/exact-json.js";
import type { Task } from "./task.js";
import { ValueTree } from "./value-tree.js";

/** A record of CSV for each event. */
export function csvTask(layout: CsvLayout): Task {
  const { columns, delimiter, quoteText, escapeFormulas, timestampFormat } = layout;
  const quote = quoteOf(layout);
  const tree = new ValueTree(columns);
  const times = timestampFormat === "raw" ? undefined : new HourTemplates(layout, timestampFormat);
  return {
    output: "CSV",
    tree,
    columns: columns.map(({ path, asSent }, column) => ({
      value: tree.columns[column],
      isTime:
        times !== undefined && path.length === 1 && !asSent && timeProperties.has(path[0] ?? ""),
    })),
    times,
    sentZone: layout.sentZone,
    settings: ({ longestTime, overreach }) => ({
      propertyCount: tree.properties.length,
      valueCount: tree.size,
      columnCount: columns.length,
      typeProperty: tree.property("type"),
      timestampProperty: tree.property("timestamp"),
      idProperty: tree.property("event_id"),
      writesEvents: false,
      delimiter: delimiter.charCodeAt(0),
      fieldQuote: quote.charCodeAt(0),
      endsInCrLf: layout.recordDelimiter === "\r\n",
      quotesText: quoteText,
      escapesFormulas: escapeFormulas,
      writesEpoch: timestampFormat === "epoch",
      writesMilliseconds: timestampFormat === "iso",
      mostCopies: mostCopies(columns),
      // Delimiters, the quotes of a blank record, and times, which may come out longer.
      extraBytes: columns.length + overreach + longestTime * columns.length,
    }),
    fieldOfJson(json) {
      const exact = exactJson(parseExactJson(json));
      const text = escapeFormulas ? escapeFormulasInJson(exact) : exact;
      const quoted = quoteText || text.includes(quote) || text.includes(delimiter);
      return quoted ? `${quote}${text.replaceAll(quote, quote + quote)}${quote}` : text;
    },
  };
}

/** How often the most frequent property is there, with the event as a whole; at least 1. */
function mostCopies(columns: readonly Column[]): number {
  const uses = new Map<string, number>();
  let wholes = 0;
  for (const {
    path: [property],
  } of columns) {
    if (property === undefined) {
      wholes += 1;
    } else {
      uses.set(property, (uses.get(property) ?? 0) + 1);
    }
  }
  return Math.max(1, wholes + Math.max(0, ...uses.values()));
}
