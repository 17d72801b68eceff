import { isIndex } from "../../csv/csv-layout.js";
import type { MetadataFilter } from "../../events-api/event-search.js";
import type { Parameters } from "./parameters.js";
import { keptText } from "./schema.js";

/**
 * Whether an event's text may pass a filter, as SQL: it holds the names and a value as they are, or has
 * letters escaped without need. To look for them is quicker by far than to read the text as JSON.
 *
 * @param contains whether the event's text has another in it, as SQL
 */
export function mayHaveMetadata(
  { path, values }: MetadataFilter,
  parameters: Parameters,
  contains: (text: string) => string,
): string {
  const holds = (text: string) => contains(parameters.add(keptText(text)));
  const names = path
    .filter((name) => !isIndex(name) && isPlain(name))
    .map((name) => holds(`"${name}"`));
  const parts = values.map(longestPlainPart);
  const hasValue = parts.every((part) => part !== "")
    ? [`(${parts.map(holds).join(" or ") || "false"})`]
    : [];
  return `((${[...names, ...hasValue].join(" and ") || "true"}) or ${hasEscapedAscii(contains)})`;
}

/** Escapes of what ASCII has letters for. */
function hasEscapedAscii(contains: (text: string) => string): string {
  const escapes = ["2", "3", "4", "5", "6", "7"].map((digit) => contains(`'\\u00${digit}'`));
  return `(${contains("'\\u00'")} and (${escapes.join(" or ")}))`;
}

/** Whether a text looks the same in JSON, unless it is escaped without need. */
function isPlain(text: string): boolean {
  return /^[ !#-.0-[\]-~]+$/.test(text);
}

function longestPlainPart(text: string): string {
  return text
    .split(/[^ !#-.0-[\]-~]+/)
    .reduce((longest, part) => (part.length > longest.length ? part : longest), "");
}
