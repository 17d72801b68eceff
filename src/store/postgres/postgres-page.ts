import { rangeConditions } from "../sql/conditions.js";
import type { Database, PageToRead, ReadPage } from "../sql/database.js";
import { Parameters } from "../sql/parameters.js";
import { placeOf } from "../sql/place.js";
import type { Row } from "../sql/sql-values.js";

/** Reads a page by the index of times and identities, or by one that has fewer events to look at. */
export async function readPostgresPage(
  database: Database,
  { query, after, limit }: PageToRead,
  signal: AbortSignal,
): Promise<ReadPage> {
  const { dialect } = database;
  const parameters = new Parameters();
  const conditions = rangeConditions({ query, after }, dialect, parameters);
  const rows = await database.rows(
    // One event more than the page holds tells whether more follow.
    `select ${dialect.millis("time")} as millis, identity, event from sparky_events.events
    where ${conditions} order by time desc, identity desc limit ${parameters.add(limit + 1)}`,
    parameters.values,
    signal,
  );
  const found = rows.slice(0, limit);
  const last = found.at(-1);
  return {
    json: joined(found),
    events: found.length,
    next: last && rows.length > limit ? placeOf(last) : undefined,
  };
}

/** So many texts at once: few pieces, and none too long for a string. */
const textsInPiece = 500;

function joined(rows: readonly Row[]): Buffer[] {
  const pieces: Buffer[] = [];
  for (let start = 0; start < rows.length; start += textsInPiece) {
    const texts = rows.slice(start, start + textsInPiece).map(({ event }) => event);
    pieces.push(Buffer.from(`${start > 0 ? "," : ""}${texts.join(",")}`));
  }
  return pieces;
}
