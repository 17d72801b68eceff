import type { QueryFilter, SearchQuery } from "../../events-api/event-search.js";
import { type KeywordMatch, keywordSeparators, keywordsOf } from "../../events-api/keywords.js";
import { type Dialect, instant } from "./database.js";
import type { Parameters } from "./parameters.js";
import type { Place } from "./place.js";
import { identityOfId, keptText } from "./schema.js";

/** Mail addresses compare without regard to the case of ASCII's letters. */
const addressProperties = ["rcpt_to", "friendly_from"];

/** Events that a query finds, as far as they come after a place. */
export interface SearchRange {
  readonly query: SearchQuery;
  readonly after?: Place | undefined;
}

/** What holds for the events of a range, as SQL. */
export function rangeConditions(
  { query, after }: SearchRange,
  dialect: Dialect,
  parameters: Parameters,
): string {
  const end = Math.min(query.to, after ? after.time + 1 : query.to);
  return [
    // Bounds of the time alone are what indexes and partitions are chosen by.
    `time >= ${momentOf(query.from, dialect, parameters)} and time < ${momentOf(end, dialect, parameters)}`,
    ...(after ? [comesAfter(after, dialect, parameters)] : []),
    ...conditionsOf(query, dialect, parameters),
  ].join(" and ");
}

/** What holds for events after a place, of those that are no newer than the one there. */
function comesAfter(after: Place, dialect: Dialect, parameters: Parameters): string {
  return `(time < ${momentOf(after.time, dialect, parameters)} or identity < ${parameters.add(after.identity)})`;
}

function momentOf(time: number, { timeType }: Dialect, parameters: Parameters): string {
  return `${parameters.add(instant(time))}::${timeType}`;
}

/** What of a query does not depend on time, as conditions that all have to hold. */
function conditionsOf(
  { types, filters, metadata }: Pick<SearchQuery, "types" | "filters" | "metadata">,
  dialect: Dialect,
  parameters: Parameters,
): string[] {
  return [
    ...(types ? [`type in ${parameters.addAll(types.map(keptText))}`] : []),
    ...filters.map((query) => filterCondition(query, dialect, parameters)),
    ...metadata.map((filter) => dialect.metadataIs(filter, parameters)),
  ];
}

function filterCondition(
  { filter: { property, match }, values }: QueryFilter,
  dialect: Dialect,
  parameters: Parameters,
): string {
  const kept = values.map(keptText);
  if (match !== "exact") {
    return keywordCondition(property, match, kept, dialect, parameters);
  }
  if (property === "event_id") {
    return `identity in ${parameters.addAll(kept.map(identityOfId))}`;
  }
  return addressProperties.includes(property)
    ? dialect.isAddress(property, kept, parameters)
    : dialect.isOneOf(property, kept, parameters);
}

/** One of `values` has to have all its keywords among those of the event's. */
function keywordCondition(
  property: string,
  match: KeywordMatch,
  values: readonly string[],
  dialect: Dialect,
  parameters: Parameters,
): string {
  const separators = keywordSeparators[match].join("");
  const blanks = " ".repeat(separators.length);
  // Each keyword stands between blanks, and holds none.
  const keywords = `' ' || translate(${dialect.foldCase(property)}, '${separators}', '${blanks}') || ' '`;
  const wanted = values
    .map((value) => keywordsOf(value, match))
    .filter((words) => words.length > 0)
    .map((words) =>
      words.map((word) => `strpos(${keywords}, ${parameters.add(` ${word} `)}) > 0`).join(" and "),
    );
  return wanted.length > 0 ? `(${wanted.join(" or ")})` : "false";
}
