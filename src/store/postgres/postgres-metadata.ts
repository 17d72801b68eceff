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
