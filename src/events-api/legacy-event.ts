import { DateTime } from "luxon";
import { exactJson, isText, parseExactJson } from "../pages/exact-json.js";

const timeProperties = ["timestamp", "injection_time"];

type Members = Record<string, unknown>;

/**
 * Events as the legacy API shows them: times in the zone asked for, no arrays in the metadata.
 *
 * @param json of events, with commas between them
 * @returns the same of legacy ones
 */
export function toLegacyEvents(json: readonly Uint8Array[], timezone: string): Uint8Array {
  const events = parseExactJson(`[${Buffer.concat(json).toString()}]`) as Members[];
  for (const event of events) {
    for (const name of timeProperties) {
      if (isText(event[name])) {
        event[name] = toZone(event[name], timezone);
      }
    }
    replaceArrays(event, ["rcpt_meta"]);
  }
  return Buffer.from(exactJson(events).slice(1, -1));
}

/** What is no time stays as it is. */
function toZone(time: string, timezone: string): string {
  const text = DateTime.fromISO(time, { zone: timezone }).toISO();
  return text?.replace(/Z$/, "+00:00") ?? time;
}

/**
 * Turns each array within these members into an object with the keys "0", "1" and so on. Senders nest
 * their metadata as deep as they like, so nothing here calls itself.
 */
function replaceArrays(object: Members, names: readonly string[]): void {
  const open: { owner: Members; names: readonly string[] }[] = [{ owner: object, names }];
  for (let next = open.pop(); next; next = open.pop()) {
    for (const name of next.names) {
      const value = next.owner[name];
      if (typeof value === "object" && value !== null) {
        const members: Members = Array.isArray(value) ? { ...value } : (value as Members);
        next.owner[name] = members;
        open.push({ owner: members, names: Object.keys(members) });
      }
    }
  }
}
