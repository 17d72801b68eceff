import type { MetadataFilter } from "../../events-api/event-search.js";
import { foldAscii } from "../../events-api/fold-case.js";
import type { Dialect } from "../sql/database.js";
import type { Parameters } from "../sql/parameters.js";
import { keptText } from "../sql/schema.js";
import { countByHour } from "./postgres-counts.js";
import { metadataIs, metadataText } from "./postgres-metadata.js";

export const postgresDialect: Dialect = {
  timeType: "timestamptz",
  // Quicker than the exact number that `extract` gives; it is rounded to the same.
  millis: (expression) => `(date_part('epoch', ${expression}) * 1000)::bigint`,
  sha256: (expression) => `encode(sha256(convert_to(${expression}, 'UTF8')), 'hex')`,
  // Columns are collated as "C", in which no other letters have a case.
  foldAscii: (expression) => `lower(${expression})`,
  foldCase: (expression) => `case when octet_length(${expression}) = length(${expression})
    then lower(${expression}) collate "C"
    else lower(replace(replace(${expression}, 'İ', 'i'), 'Σ', 'σ') collate "und-x-icu") collate "C" end`,
  isOneOf,
  isAddress: (column, addresses, parameters) =>
    isOneOf(postgresDialect.foldAscii(column), addresses.map(foldAscii), parameters),
  metadataIs,
  count: countByHour,
};

/** @param indexes paths of metadata that have one */
export function dialectWith(indexes: readonly (readonly string[])[]): Dialect {
  const known = new Set(indexes.map((path) => JSON.stringify(path)));
  return {
    ...postgresDialect,
    metadataIs(filter, parameters) {
      const isOne = metadataIs(filter, parameters);
      return known.has(JSON.stringify(filter.path))
        ? `(${isIndexed(filter, parameters)} and ${isOne})`
        : isOne;
    },
  };
}

/** What the index of a path tells, which may be true of a few events more. */
function isIndexed({ path, values }: MetadataFilter, parameters: Parameters): string {
  const hashes = values.map((value) => hashOf(`${parameters.add(keptText(value))}::text`));
  return `${hashOf(metadataText(path))} in (${hashes.join(", ") || "null"})`;
}

function isOneOf(expression: string, texts: readonly string[], parameters: Parameters): string {
  const names = texts.map((text) => `${parameters.add(text)}::text`);
  const isOne = `${expression} in (${names.join(", ") || "null"})`;
  return hashedExpressions.includes(expression) && names.length > 0
    ? `(${hashOf(expression)} in (${names.map(hashOf).join(", ")}) and ${isOne})`
    : isOne;
}

/** What of events has an index. */
const hashedExpressions = ["lower(rcpt_to)", "message_id"];

/** What indexes have of a text, as SQL; a search compares the text, too. */
export function hashOf(expression: string): string {
  return `hashtextextended(${expression}, 0)`;
}
