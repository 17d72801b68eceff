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
    isOwn: isLineOfEvent,
    identity: { records: "jsonl", zone },
    openPages: () =>
      new PageStream(Projector.create(eventTask(sentZone)), createLineReference(sentZone)),
    openScanner: () => new LineScanner(),
    // Events say themselves when they happened.
    parts: { format: () => format, find: findPartLine },
  };
  return format;
}

/** Any JSON begins with a brace; an event has a type and a time besides. */
function isLineOfEvent(start: Buffer): boolean {
  const end = start.indexOf("\n");
  if (end === -1) {
    return false;
  }
  try {
    const { type, timestamp } = JSON.parse(start.toString("utf8", 0, end));
    return typeof type === "string" && typeof timestamp === "string";
  } catch {
    return false;
  }
}
