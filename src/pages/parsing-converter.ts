import { type Answer, MalformedAnswerError, readAnswer } from "../api/answer.js";
import type { Event } from "../api/event.js";
import { checksumOf } from "../checksum.js";
import { hashEventId } from "./event-id.js";
import { exactJson, exactText, isText, parseExactJson } from "./exact-json.js";
import { instantReader } from "./instant.js";
import type { PageConverter } from "./page-converter.js";
import { anyTime, selectRange } from "./page-range.js";

/** An event of an answer, with numbers as `parseExactJson` has them. */
export interface ReadEvent {
  readonly event: Event;
  /** Its place in the answer. */
  readonly index: number;
}

/**
 * A converter that parses a page.
 *
 * @param sentZone name of the zone of times that are sent without one
 * @param write makes records of events; `text` is that of the whole answer, which is valid JSON
 */
export function parsingConverter(
  sentZone: string,
  write: (events: readonly ReadEvent[], text: string) => Uint8Array,
): PageConverter {
  const readTime = instantReader(sentZone);
  return {
    convert(body, range = anyTime) {
      const text = new TextDecoder().decode(body);
      const { events: all, ...envelope } = parsePage(text);
      const times = Float64Array.from(all, ({ timestamp }) =>
        isText(timestamp) ? readTime(timestamp) : Number.NaN,
      );
      const { chosen, ...selection } = selectRange(times, range);
      const events = all
        .map((event, index) => ({ event, index }))
        .filter(({ index }) => chosen[index] === 1);
      const content = write(events, text);
      return {
        ...envelope,
        ...selection,
        eventCount: events.length,
        ids: Float64Array.from(events, ({ event }) => idOf(event)),
        content,
        checksum: checksumOf(content),
        eventsByType: countTypes(events),
      };
    },
  };
}

/** A string, number or boolean as it was sent. */
export function literalOf(value: unknown): string {
  return typeof value === "string" ? exactText(value) : String(value);
}

function parsePage(text: string): Answer {
  const answer = parseAnswer(text);
  if (typeof answer !== "object" || answer === null || Array.isArray(answer)) {
    return readAnswer(answer);
  }
  const { total_count = null, links = null, ...rest }: Event = { ...answer };
  // What is read of these two is no matter of digits.
  return readAnswer({ ...rest, total_count: rounded(total_count), links: rounded(links) });
}

/** A value as `JSON.parse` reads it. */
function rounded(value: unknown): unknown {
  return JSON.parse(exactJson(value));
}

function parseAnswer(text: string): unknown {
  try {
    return parseExactJson(text);
  } catch (error) {
    throw new MalformedAnswerError("the answer is not whole JSON", { cause: error });
  }
}

function idOf({ event_id: id }: Event): number {
  return typeof id === "string" || typeof id === "number" ? hashEventId(literalOf(id)) : 0;
}

function countTypes(events: readonly ReadEvent[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const {
    event: { type },
  } of events) {
    if (isText(type)) {
      counts.set(type, (counts.get(type) ?? 0) + 1);
    }
  }
  return counts;
}
