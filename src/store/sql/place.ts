import { UnknownPlaceError } from "../../events-api/event-search.js";
import type { Row } from "./sql-values.js";

/** Where an event stands in the order of a search, in which no other stands. */
export interface Place {
  /** Epoch milliseconds. */
  readonly time: number;
  readonly identity: string;
}

/** Times that both databases have, and all events. */
export const latestTime = Date.UTC(9999, 11, 31, 23, 59, 59, 999);

/** As text that may stand anywhere. */
export function writePlace({ time, identity }: Place): string {
  return `${time}.${Buffer.from(identity).toString("base64url")}`;
}

/** @throws UnknownPlaceError for what `writePlace` does not write */
export function readPlace(text: string): Place {
  const [, digits = "", encoded = ""] = /^(\d{1,15})\.([\w-]{1,2000})$/.exec(text) ?? [];
  const place = {
    time: Number(digits),
    identity: Buffer.from(encoded, "base64url").toString(),
  };
  if (place.time > latestTime || place.identity.includes("\0") || writePlace(place) !== text) {
    throw new UnknownPlaceError("no place of an event");
  }
  return place;
}

/** From the columns `millis` and `identity`. */
export function placeOf({ millis, identity }: Row): Place {
  return { time: Number(millis), identity: identity ?? "" };
}
