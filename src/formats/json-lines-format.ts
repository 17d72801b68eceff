import { createLineReference } from "../json-lines/line-reference.js";
import { LineScanner } from "../json-lines/line-scanner.js";
import { findPartLine } from "../json-lines/part-lines.js";
import { PageStream } from "../pages/page-stream.js";
import { eventTask } from "../projector/event-task.js";
import { Projector } from "../projector/projector.js";
import type { RecordFormat } from "./record-format.js";

/**
 * An event per line, as it was sent.
 *
 * @param zone name of the zone of the search, in which the legacy API sends times
 * @param sentZone name of the zone of times that are sent without one
 */
export function jsonLinesFormat(zone: string, sentZone: string): RecordFormat {
  const format: RecordFormat = {
    name: "jsonl",
    header: Buffer.alloc(0),
    opening: Buffer.from("{"),
    identity: { records: "jsonl", zone },
    openPages: () =>
      new PageStream(Projector.create(eventTask(sentZone)), createLineReference(sentZone)),
    openScanner: () => new LineScanner(),
    // Events say themselves when they happened.
    parts: { format: () => format, find: findPartLine },
  };
  return format;
}
