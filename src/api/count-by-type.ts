import type { Connection } from "./client.js";
import { cutSearch } from "./cut-search.js";
import type { Search } from "./search.js";
import { countEach, countEvents } from "./search-events.js";

export interface CountsByType {
  /** Number of events of each type that was asked for. */
  readonly types: ReadonlyMap<string, number>;
  /** Number of events of the whole search: its types need not make it up. */
  readonly total: number;
}

/**
 * Asks how many events of each type match, and how many in all.
 *
 * @throws as `countEvents` does
 */
export async function countByType(
  connection: Connection,
  search: Search,
  types: readonly string[],
): Promise<CountsByType> {
  const searches = [search, ...types.map((type) => ({ ...search, events: [type] }))];
  const parts = searches.map((each) => cutSearch(each, connection.host));
  const counts = await countEach(connection, parts.flat());
  const [total = 0, ...ofTypes] = parts.map((each) =>
    counts.splice(0, each.length).reduce((sum, count) => sum + count, 0),
  );
  const sum = ofTypes.reduce((events, count) => events + count, 0);
  return {
    types: new Map(types.map((type, index) => [type, ofTypes[index] ?? 0])),
    // Events that came in meanwhile are in the newest count.
    total: sum === total ? total : await countEvents(connection, search),
  };
}
