import { isIndex } from "../../csv/csv-layout.js";
import type { MetadataFilter } from "../../events-api/event-search.js";
import { wellFormed } from "../../events-api/well-formed.js";
import { exactText, isText, parseExactJson } from "../../pages/exact-json.js";
import type { Parameters } from "../sql/parameters.js";

/** Name of the function in SQL: an event's text, and a `MetadataFilter` in JSON. */
export const metadataFunction = "sparky_metadata_is";

/**
 * Whether an event passes a filter, as SQL. DuckDB's own functions round numbers and take the first of
 * members with the same name; so its part is only to leave out most of the events that do not pass.
 */
export function metadataIs(filter: MetadataFilter, parameters: Parameters): string {
  const holds = (text: string) => `contains(event, ${parameters.add(text)})`;
  const names = filter.path
    .filter((name) => !isIndex(name) && isPlain(name))
    .map((name) => holds(`"${name}"`));
  const values = filter.values.map((value) => longestPlainPart(value));
  const hasValue = values.every((part) => part !== "")
    ? [`(${values.map(holds).join(" or ") || "false"})`]
    : [];
  const mayPass = [...names, ...hasValue].join(" and ") || "true";
  return `case when (${mayPass}) or (${hasEscapedText})
    then ${metadataFunction}(event, ${parameters.add(JSON.stringify(filter))}) else false end`;
}

/** Any character can be sent as an escape, those of ASCII too. */
const hasEscapedText = "contains(event, '\\u00') and regexp_matches(event, '\\\\u00[2-7]')";

/** Whether a text looks the same in JSON, unless it is escaped without need. */
function isPlain(text: string): boolean {
  return /^[ !#-.0-[\]-~]+$/.test(text);
}

function longestPlainPart(text: string): string {
  return text
    .split(/[^ !#-.0-[\]-~]+/)
    .reduce((longest, part) => (part.length > longest.length ? part : longest), "");
}

/** Tells which events pass a filter, by their texts. */
export function metadataTest({ path, values }: MetadataFilter): (event: string) => boolean {
  const wanted = new Set(values.map(wellFormed));
  return (event) => {
    const found = textOf(memberAt(parseExactJson(event), path));
    return found !== undefined && wanted.has(found);
  };
}

function memberAt(event: unknown, path: readonly string[]): unknown {
  let member = event;
  for (const name of path) {
    if (typeof member !== "object" || member === null) {
      return undefined;
    }
    const isMember = Array.isArray(member) ? isIndex(name) : true;
    member =
      isMember && Object.hasOwn(member, name)
        ? (member as Record<string, unknown>)[name]
        : undefined;
  }
  return member;
}

function textOf(value: unknown): string | undefined {
  if (typeof value === "string") {
    return isText(value) ? wellFormed(value) : exactText(value);
  }
  return typeof value === "number" || typeof value === "boolean" ? String(value) : undefined;
}
