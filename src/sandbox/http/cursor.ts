import { createHash } from "node:crypto";
import { badParameter } from "./answer.js";

/** Where a query goes on. */
export interface CursorPlace {
  /** The time range of the first page, which the later ones keep even if it came from defaults. */
  readonly from: number;
  readonly to: number;
  /** Index in the source of the first event that the pages so far did not have. */
  readonly index: number;
}

/** Makes an opaque cursor that is good for this query only. */
export function sealCursor({ from, to, index }: CursorPlace, parameters: URLSearchParams): string {
  const place = `${from} ${to} ${index}`;
  return Buffer.from(`${place} ${digestOf(place, parameters)}`).toString("base64url");
}

/** @throws ApiError 400 when the cursor was not made for these parameters */
export function openCursor(cursor: string, parameters: URLSearchParams): CursorPlace {
  const text = Buffer.from(cursor, "base64url").toString();
  const end = text.lastIndexOf(" ");
  const place = text.slice(0, end);
  if (end < 0 || text.slice(end + 1) !== digestOf(place, parameters)) {
    throw badParameter("cursor is not valid for this query");
  }
  const [from, to, index] = place.split(" ").map(Number) as [number, number, number];
  return { from, to, index };
}

function digestOf(place: string, parameters: URLSearchParams): string {
  const query = [...parameters].filter(([name]) => name !== "cursor" && name !== "per_page");
  const text = JSON.stringify([place, query.sort()]);
  return createHash("sha256").update(text).digest("base64url").slice(0, 16);
}
