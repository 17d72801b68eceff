import { isIndex } from "../../csv/csv-layout.js";
import type { MetadataFilter } from "../../events-api/event-search.js";
import type { Parameters } from "./parameters.js";
import { keptText } from "./schema.js";

/**
 * Whether an event's text may pass a filter, as SQL: it holds the names and a value as they are, or has
 * letters escaped without need. To look for them is quicker by far than to read the text as JSON.
 */
export function mayHaveMetadata({ path, values }: MetadataFilter, parameters: Parameters): string {
  const holds = (text: string) => `strpos(event, ${parameters.add(keptText(text))}) > 0`;
  const names = path
    .filter((name) => !isIndex(name) && isPlain(name))
    .map((name) => holds(`"${name}"`));
  const parts = values.map(longestPlainPart);
  const hasValue = parts.every((part) => part !== "")
    ? [`(${parts.map(holds).join(" or ") || "false"})`]
    : [];
  return `((${[...names, ...hasValue].join(" and ") || "true"}) or ${hasEscapedAscii})`;
}

/** Escapes of what ASCII has letters for. */
const hasEscapedAscii = `(strpos(event, '\\u00') > 0 and (${["2", "3", "4", "5", "6", "7"]
  .map((digit) => `strpos(event, '\\u00${digit}') > 0`)
  .join(" or ")}))`;

/** Whether a text looks the same in JSON, unless it is escaped without need. */
function isPlain(text: string): boolean {
  return /^[ !#-.0-[\]-~]+$/.test(text);
}

function longestPlainPart(text: string): string {
  return text
    .split(/[^ !#-.0-[\]-~]+/)
    .reduce((longest, part) => (part.length > longest.length ? part : longest), "");
}
