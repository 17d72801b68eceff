import { rangeConditions } from "../sql/conditions.js";
import { countEvents } from "../sql/count-events.js";
import type { PageToRead, ReadPage, Searcher } from "../sql/database.js";
import { Parameters } from "../sql/parameters.js";
import type { SqlValue } from "../sql/sql-values.js";

export interface PageQueries extends Pick<Searcher, "dialect" | "rows"> {
  /** Rows as lists of their values, which are made quicker than records. */
  lists(sql: string, values: readonly SqlValue[]): Promise<string[][]>;
}

/** Reads a page by the index of times and identities, or by one that has fewer events to look at. */
export async function readPostgresPage(
  queries: PageQueries,
  { query, after, limit }: PageToRead,
): Promise<ReadPage> {
  const { dialect } = queries;
  const parameters = new Parameters();
  const conditions = rangeConditions({ query, after }, dialect, parameters);
  const rows = await queries.lists(
    // One event more than the page holds tells whether more follow.
    `select event, ${dialect.millis("time")}, identity from sparky_events.events
    where ${conditions} order by time desc, identity desc limit ${parameters.add(limit + 1)}`,
    parameters.values,
  );
  const events = Math.min(rows.length, limit);
  const hasMore = rows.length > limit;
  const [, millis, identity = ""] = rows[events - 1] ?? [];
  const texts = rows.slice(0, events).map(([event = ""]) => event);
  return {
    json: joined(texts),
    events,
    // A page that is the only one tells the count.
    totalCount: after || hasMore ? await countEvents(queries, query) : events,
    next: hasMore ? { time: Number(millis), identity } : undefined,
  };
}

/** So many texts at once: few pieces, and none too long for a string. */
const textsInPiece = 500;

function joined(texts: readonly string[]): Buffer[] {
  const pieces: Buffer[] = [];
  for (let start = 0; start < texts.length; start += textsInPiece) {
    const piece = texts.slice(start, start + textsInPiece).join(",");
    pieces.push(Buffer.from(start > 0 ? `,${piece}` : piece));
  }
  return pieces;
}
