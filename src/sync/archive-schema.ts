import { isDeepStrictEqual } from "node:util";
import type { ApiName, SearchFilterValues } from "../api/search.js";
import { formatPath, headerOfPath } from "../csv/column-list.js";
import type { Column, CsvFormat } from "../csv/csv-layout.js";
import type { FormatName } from "../formats/record-format.js";
import type { PeriodLength } from "./period.js";

export type ArchiveLayout = (typeof archiveLayouts)[number];
export const archiveLayouts = ["flat", "hive"] as const;

/** Parquet is for programs that read a folder as a table. */
export function defaultLayoutOf(records: FormatName): ArchiveLayout {
  return records === "parquet" ? "hive" : "flat";
}

/** What all files of an archive have in common, and which must not change from one to the next. */
export interface ArchiveSchema {
  /** Scheme, host and port that the events come from. */
  readonly origin: string;
  readonly api: ApiName;
  /** Event types; empty for all. */
  readonly events: readonly string[];
  readonly filters: SearchFilterValues;
  /** Absent for CSV. */
  readonly records?: Exclude<FormatName, "csv">;
  /** Empty for JSON lines, which have none. */
  readonly columns: readonly Column[];
  /** Of CSV; empty for others. */
  readonly format: ArchiveFormat;
  /** Name of the zone of days and times. */
  readonly zone: string;
  readonly by: PeriodLength;
  readonly layout: ArchiveLayout;
  readonly gzip: boolean;
}

/** `quoteText` is absent where an earlier version, which did not know it, began the archive. */
type ArchiveFormat = Partial<CsvFormat>;

const names: Record<keyof ArchiveSchema, string> = {
  origin: "host",
  api: "API",
  events: "event types",
  filters: "filters",
  records: "format",
  columns: "columns",
  format: "CSV format",
  zone: "time zone",
  by: "period",
  layout: "layout",
  gzip: "gzip",
};

/** The order of lists that are searched for does not matter, that of columns does. */
export function normalizeSchema(schema: ArchiveSchema): ArchiveSchema {
  const filters = Object.entries(schema.filters)
    .filter(([, values]) => values.length > 0)
    .map(([name, values]) => [name, [...values].sort()] as const)
    .sort(([a], [b]) => (a < b ? -1 : 1));
  const events = [...schema.events].sort();
  // As it comes back from a manifest, without what is undefined.
  return JSON.parse(JSON.stringify({ ...schema, events, filters: Object.fromEntries(filters) }));
}

/**
 * The schema to go on with where an archive has an earlier one. No setting is for quotes alone, so an
 * archive that knows nothing of them stays without.
 */
export function continuedSchema(earlier: ArchiveSchema, now: ArchiveSchema): ArchiveSchema {
  if ("quoteText" in earlier.format) {
    return now;
  }
  const { quoteText, ...format } = now.format;
  return { ...now, format };
}

/** A line for each part that differs: what it was, and what it would be. */
export function schemaDifferences(earlier: ArchiveSchema, now: ArchiveSchema): string[] {
  // What there is of CSV does not differ from what there is of another format.
  const comparable = (Object.keys(names) as (keyof ArchiveSchema)[]).filter(
    (name) => earlier.records === now.records || (name !== "columns" && name !== "format"),
  );
  return comparable
    .filter((name) => !isDeepStrictEqual(earlier[name], now[name]))
    .map((name) => {
      const [was, is] = name === "format" ? formatParts(earlier, now) : [earlier, now];
      return `${names[name]}: ${describe(name, was)} in the folder, ${describe(name, is)} now`;
    });
}

/** Of two formats, the parts that differ. */
function formatParts(earlier: ArchiveSchema, now: ArchiveSchema): [ArchiveSchema, ArchiveSchema] {
  const differing = (Object.keys(now.format) as (keyof CsvFormat)[]).filter(
    (part) => earlier.format[part] !== now.format[part],
  );
  const only = (schema: ArchiveSchema) => ({
    ...schema,
    format: Object.fromEntries(differing.map((part) => [part, schema.format[part]])),
  });
  return [only(earlier), only(now)];
}

function describe(name: keyof ArchiveSchema, schema: ArchiveSchema): string {
  switch (name) {
    case "records":
      return schema.records ?? "csv";
    case "events":
      return schema.events.join(", ") || "all";
    case "columns":
      return schema.columns
        .map(({ header, path }) => {
          const written = formatPath(path);
          return header === headerOfPath(path) ? written : `${written} AS ${header}`;
        })
        .join(", ");
    case "filters":
    case "format":
      return (
        Object.entries(schema[name])
          .map(([part, value]) => `${part} ${describeValue(value)}`)
          .join("; ") || "none"
      );
    case "gzip":
      return schema.gzip ? "yes" : "no";
    default:
      return schema[name];
  }
}

const mostShown = 5;

function describeValue(value: unknown): string {
  if (Array.isArray(value)) {
    const more = value.length - mostShown;
    return value.slice(0, mostShown).join(", ") + (more > 0 ? ` and ${more} more` : "");
  }
  return typeof value === "string" ? JSON.stringify(value) : String(value);
}
