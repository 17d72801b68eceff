import { foldAscii } from "../../events-api/fold-case.js";
import type { Dialect } from "../sql/database.js";
import type { Parameters } from "../sql/parameters.js";
import { countByHour } from "./postgres-counts.js";
import { metadataIs } from "./postgres-metadata.js";

export const postgresDialect: Dialect = {
  timeType: "timestamptz",
  millis: (expression) => `(extract(epoch from ${expression}) * 1000)::bigint`,
  sha256: (expression) => `encode(sha256(convert_to(${expression}, 'UTF8')), 'hex')`,
  foldCase: (expression) => `case when octet_length(${expression}) = length(${expression})
    then lower(${expression}) collate "C"
    else lower(replace(replace(${expression}, 'İ', 'i'), 'Σ', 'σ') collate "und-x-icu") collate "C" end`,
  isOneOf,
  isAddress: (column, addresses, parameters) =>
    // Columns are collated as "C", in which no other letters have a case.
    isOneOf(`lower(${column})`, addresses.map(foldAscii), parameters),
  metadataIs,
  count: countByHour,
};

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
