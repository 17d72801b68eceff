import { createHash } from "node:crypto";
import { badParameter, type HttpError } from "../http/answer.js";

/** Where a query goes on. */
export interface CursorPlace {
  /** The time range of the first page, which the later ones keep even if it came from defaults. */
  readonly from: number;
  readonly to: number;
  /** The `next` of the page before. */
  readonly after: string;
}

/**
 * Makes an opaque cursor that is good for this query only. Any server of the same events takes it, so
 * it is no secret what it is made of.
 */
export function sealCursor({ from, to, after }: CursorPlace, parameters: URLSearchParams): string {
  const place = `${from} ${to} ${after}`;
  return Buffer.from(`${digestOf(place, parameters)} ${place}`).toString("base64url");
}

/** @throws HttpError 400 when the cursor was not made for these parameters */
export function openCursor(cursor: string, parameters: URLSearchParams): CursorPlace {
  const text = Buffer.from(cursor, "base64url").toString();
  const [, digest, place, from, to, after] =
    /^([\w-]{16}) ((-?\d+) (-?\d+) (.*))$/s.exec(text) ?? [];
  if (place === undefined || after === undefined || digest !== digestOf(place, parameters)) {
    throw badCursor();
  }
  return { from: Number(from), to: Number(to), after };
}

export function badCursor(): HttpError {
  return badParameter("cursor is not valid for this query");
}

function digestOf(place: string, parameters: URLSearchParams): string {
  const query = [...parameters].filter(([name]) => name !== "cursor" && name !== "per_page");
  const text = JSON.stringify([place, query.sort()]);
  return createHash("sha256").update(text).digest("base64url").slice(0, 16);
}
