import type { SearchQuery } from "../../events-api/event-search.js";
import { rangeConditions } from "./conditions.js";
import type { Searcher } from "./database.js";
import { Parameters } from "./parameters.js";

/** Counts all events that a query finds. */
export async function countEvents(
  { dialect, rows }: Pick<Searcher, "dialect" | "rows">,
  query: SearchQuery,
): Promise<number> {
  const { from, to, types, filters, metadata } = query;
  const [subaccounts, ...others] = filters;
  const isPlain =
    metadata.length === 0 &&
    others.length === 0 &&
    (subaccounts?.filter.property ?? "subaccount_id") === "subaccount_id";
  const parameters = new Parameters();
  const statement = isPlain
    ? dialect.count(
        { start: from, end: to },
        { types, subaccounts: subaccounts?.values },
        parameters,
      )
    : `select count(*) as events from sparky_events.events
      where ${rangeConditions({ query }, dialect, parameters)}`;
  const [row] = await rows(statement, parameters.values);
  return Number(row?.events);
}
