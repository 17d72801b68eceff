import { valueAt } from "../../csv/value-at.js";
import type { MetadataFilter } from "../../events-api/event-search.js";
import { wellFormed } from "../../events-api/well-formed.js";
import { exactText, isText, parseExactJson } from "../../pages/exact-json.js";
import { mayHaveMetadata } from "../sql/metadata-hints.js";
import type { Parameters } from "../sql/parameters.js";

/** Name of the function in SQL: an event's text, and a `MetadataFilter` in JSON. */
export const metadataFunction = "sparky_metadata_is";

/**
 * Whether an event passes a filter, as SQL. DuckDB's own functions round numbers and take the first of
 * members with the same name.
 */
export function metadataIs(filter: MetadataFilter, parameters: Parameters): string {
  return `case when ${mayHaveMetadata(filter, parameters, (text) => `contains(event, ${text})`)}
    then ${metadataFunction}(event, ${parameters.add(JSON.stringify(filter))}) else false end`;
}

/** Tells which events pass a filter, by their texts. */
export function metadataTest({ path, values }: MetadataFilter): (event: string) => boolean {
  const wanted = new Set(values.map(wellFormed));
  return (event) => {
    const found = textOf(valueAt(parseExactJson(event), path));
    return found !== undefined && wanted.has(found);
  };
}

function textOf(value: unknown): string | undefined {
  if (typeof value === "string") {
    return isText(value) ? wellFormed(value) : exactText(value);
  }
  return typeof value === "number" || typeof value === "boolean" ? String(value) : undefined;
}
