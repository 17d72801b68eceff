import { eventTexts } from "../pages/event-texts.js";
import type { PageConverter } from "../pages/page-converter.js";
import { parsingConverter } from "../pages/parsing-converter.js";

/**
 * The converter that defines what correct JSON lines are: each event with the characters that were sent,
 * but for line breaks between tokens, and LF after it.
 *
 * @param sentZone name of the zone of times that are sent without one
 */
export function createLineReference(sentZone: string): PageConverter {
  return parsingConverter(sentZone, (events, text) => {
    const texts = events.length > 0 ? eventTexts(text) : [];
    return Buffer.from(events.map(({ index }) => `${texts[index]}\n`).join(""));
  });
}
