import { isIndex } from "../../csv/csv-layout.js";
import type { MetadataFilter } from "../../events-api/event-search.js";
import { mayHaveMetadata } from "../sql/metadata-hints.js";
import type { Parameters } from "../sql/parameters.js";
import { keptText } from "../sql/schema.js";

/** Whether what a path leads to in an event's text is one of some values. */
export function metadataIs(filter: MetadataFilter, parameters: Parameters): string {
  const { path, values } = filter;
  // Step by step: of members with the same name the last counts, on each level.
  const found = path.reduce(
    (json, name) =>
      isIndex(name)
        ? `${json} #> array[${parameters.add(name)}::text]`
        : `${json} -> ${parameters.add(keptText(name))}::text`,
    readableJson,
  );
  const wanted = parameters.addAll(values.map(keptText));
  return `case when ${mayHaveMetadata(filter, parameters, (text) => `strpos(event, ${text}) > 0`)} then exists (
    select from (select ${found} as json offset 0) as member
    where json_typeof(json) in ('string', 'number', 'boolean') and json #>> '{}' in ${wanted}
  ) else false end`;
}

/**
 * The event as JSON that PostgreSQL can read. It refuses an event for U+0000 and halves of surrogate pairs,
 * wherever they stand, so these are replaced as they are in columns. With no \\ left, each \ begins an
 * escape.
 */
const readableJson = `(case
  when strpos(event, '\\u0000') = 0 and strpos(event, '\\ud') = 0 and strpos(event, '\\uD') = 0 then event
  else regexp_replace(
    regexp_replace(
      replace(replace(event, '\\\\', '\\u005c'), '\\u0000', '\\ufdd0'),
      '\\\\u[dD][89abAB][0-9a-fA-F]{2}(?!\\\\u[dD][c-fC-F])', '\\ufffd', 'g'
    ),
    '(?<!\\\\u[dD][89abAB][0-9a-fA-F]{2})\\\\u[dD][c-fC-F][0-9a-fA-F]{2}', '\\ufffd', 'g'
  )
end::json)`;

/**
 * What a path leads to, of what can be searched for; null for anything else. It is what an index of the
 * path has, so it takes any text for an event, whoever put that there.
 */
export const metadataFunction = `create function sparky_events.metadata_text(event text, path text[])
returns text language plpgsql immutable strict cost 1000 as $$
declare
  found json;
  name text;
begin
  found := ${readableJson};
  foreach name in array path loop
    found := case when name ~ '^(0|[1-9][0-9]*)$' then found #> array[name] else found -> name end;
  end loop;
  return case when json_typeof(found) in ('string', 'number', 'boolean') then found #>> '{}' end;
exception
  when data_exception or statement_too_complex then return null;
end $$`;

/** A call of that function: the path is a part of it, as it is of the index. */
export function metadataText(path: readonly string[]): string {
  const names = path.map((name) => quoted(keptText(name)));
  return `sparky_events.metadata_text(event, array[${names.join(", ")}]::text[])`;
}

/** A string as SQL has it, whatever the server takes a backslash for. */
function quoted(text: string): string {
  return `E'${text.replace(/[\\']/g, "\\$&")}'`;
}
