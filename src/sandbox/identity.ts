import { createHash } from "node:crypto";

/** Longer ids are known by their hash. */
const longestId = 200;

const hashMark = "sha256:";

/**
 * What an event is known by: its `event_id`; where that is too long, or looks like a hash, its hash; and
 * where there is none, the hash of the event's JSON. The same as in a store (`store/sql/schema.ts`).
 *
 * @param json of the event, asked for where it is needed
 */
export function identityOf(eventId: unknown, json: () => string): string {
  const id = eventId === undefined || eventId === null ? "" : String(eventId);
  if (id === "") return hashMark + sha256(json());
  return [...id].length > longestId || id.startsWith(hashMark) ? hashMark + sha256(id) : id;
}

/** Sorts identities as events of the same time have them: descending by their bytes. */
export function compareIdentities(a: string, b: string): number {
  return Buffer.compare(Buffer.from(b), Buffer.from(a));
}

function sha256(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}
