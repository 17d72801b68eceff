import type { Task } from "./task.js";
import { ValueTree } from "./value-tree.js";

/**
 * Each event as it was sent, on a line of its own.
 *
 * @param sentZone name of the zone of times that are sent without one
 */
export function eventTask(sentZone: string): Task {
  const tree = new ValueTree([]);
  return {
    output: "JSON",
    tree,
    columns: [],
    times: undefined,
    sentZone,
    settings: ({ overreach }) => ({
      propertyCount: tree.properties.length,
      valueCount: tree.size,
      columnCount: 0,
      typeProperty: tree.property("type"),
      timestampProperty: tree.property("timestamp"),
      idProperty: tree.property("event_id"),
      writesEvents: true,
      delimiter: 0,
      fieldQuote: 0,
      endsInCrLf: false,
      quotesText: false,
      escapesFormulas: false,
      writesEpoch: false,
      writesMilliseconds: false,
      mostCopies: 1,
      // The line feed.
      extraBytes: 1 + overreach,
    }),
    // Without columns, nothing is ever a field.
    fieldOfJson: (json) => json,
  };
}
