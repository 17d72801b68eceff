import type { Column } from "../csv/csv-layout.js";
import { timeProperties } from "../csv/timestamp.js";

/** What a column can have beyond what JSON says: times, or amounts that are sent as text. */
export type ColumnKind = "time" | "amount" | "plain";

/**
 * Properties that SparkPost sends as text, and that are for counting, sorting and comparing. All other
 * text is kept as text: it may be an id, or have a leading zero that matters.
 */
const amounts: ReadonlySet<string> = new Set([
  "bounce_class",
  "dr_latency",
  "error_code",
  "msg_size",
  "num_retries",
  "queue_time",
]);

export function kindOf({ path, asSent }: Column): ColumnKind {
  const [property = ""] = path;
  if (path.length > 1) {
    return "plain";
  }
  if (timeProperties.has(property)) {
    return asSent ? "plain" : "time";
  }
  return amounts.has(property) ? "amount" : "plain";
}
