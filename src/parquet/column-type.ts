import { eventProperties } from "../catalog/event-catalog.js";
import type { Column } from "../csv/csv-layout.js";
import { timeProperties } from "../csv/timestamp.js";

/** Types of columns, as SQL has them. */
export type ColumnType = "VARCHAR" | "BIGINT" | "BOOLEAN" | "TIMESTAMP WITH TIME ZONE";

type Kind = "text" | "integer" | "boolean" | "time" | "json";

const types: Readonly<Record<Kind, ColumnType>> = {
  text: "VARCHAR",
  integer: "BIGINT",
  boolean: "BOOLEAN",
  time: "TIMESTAMP WITH TIME ZONE",
  // JSON as a type of its own is unknown to some that read Parquet.
  json: "VARCHAR",
};

const kinds: Readonly<Record<string, Kind>> = {
  integer: "integer",
  boolean: "boolean",
  object: "json",
  array: "json",
};

/** What SparkPost documents of a property; all else may be anything, which is text. */
function kindOf({ path, asSent = false }: Column): Kind {
  const [property = ""] = path;
  if (path.length !== 1 || !Object.hasOwn(eventProperties, property)) {
    return "text";
  }
  if (timeProperties.has(property)) {
    return asSent ? "text" : "time";
  }
  return kinds[eventProperties[property]?.json_type ?? ""] ?? "text";
}

export function typeOf(column: Column): ColumnType {
  return types[kindOf(column)];
}

/**
 * The value of a column as SQL, or null where that is not of its type.
 *
 * @param field the text of the CSV's field, as SQL; null where it is blank
 */
export function typedValue(column: Column, field: string): string {
  switch (kindOf(column)) {
    case "text":
      return field;
    case "integer":
      // A cast alone would round 1.5, and take 007 for 7.
      return `case when regexp_full_match(${field}, '0|-?[1-9]\\d{0,18}') then try_cast(${field} as bigint) end`;
    case "boolean":
      return `case ${field} when 'true' then true when 'false' then false end`;
    case "time":
      // From microseconds, which is the same in whatever zone the machine is.
      return `case when regexp_full_match(${field}, '\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\.\\d{3}Z')
        then make_timestamptz(epoch_us(try_cast(${field} as timestamp))) end`;
    case "json":
      // One that is none would end each search that looks into it.
      return `case when ${field}[1] in ('{', '[') and json_valid(${field}) then ${field} end`;
  }
}
