import { endingOf } from "../formats/file-name.js";
import type { ArchiveSchema } from "./archive-schema.js";

const periodForm = /^(\d{4}-\d{2}-\d{2})(?:T(\d{2})([+-]\d{4})?)?$/;

/** What names depend on. */
export type NamingSchema = Pick<ArchiveSchema, "by" | "layout" | "gzip" | "records">;

/**
 * Path of a period's file in the folder of an archive, with `/`:
 *
 * - flat: `2026-11-19.csv`, `2026-11-19T08.csv.gz`, `2026-10-25T02+0200.csv`;
 * - hive: `date=2026-11-19/events.csv.gz`, `date=2026-11-19/hour=08/events.csv.gz`. The two passes of
 *   an hour that occurs twice are files of one partition: `date=2026-10-25/hour=02/events+0200.csv.gz`.
 *
 * JSON lines end in `.jsonl` in the place of `.csv`, Parquet in `.parquet`.
 */
export function pathOfPeriod(name: string, { layout, gzip, records }: NamingSchema): string {
  const ending = endingOf[records ?? "csv"] + (gzip ? ".gz" : "");
  if (layout === "flat") {
    return name + ending;
  }
  const [, date = name, hour, offset = ""] = periodForm.exec(name) ?? [];
  const partition = hour === undefined ? `date=${date}` : `date=${date}/hour=${hour}`;
  return `${partition}/events${offset}${ending}`;
}

/** Where the day of a period begins in UTC (epoch milliseconds); NaN where there is no such day. */
export function dayOf(name: string): number {
  return Date.parse(name.slice(0, "2026-11-19".length));
}

const flatPath = /^(\d{4}-\d{2}-\d{2}(?:T\d{2}(?:[+-]\d{4})?)?)\.(?:(csv|jsonl)(\.gz)?|(parquet))$/;
const hivePath =
  /^date=(\d{4}-\d{2}-\d{2})\/(?:hour=(\d{2})\/)?events((?<=hour=\d\d\/events)[+-]\d{4})?\.(?:(csv|jsonl)(\.gz)?|(parquet))$/;

/** The period that a path stands for in whatever archive, and what its form says of that archive. */
export function readPath(path: string): { name: string; naming: NamingSchema } | undefined {
  const [, flatName, flatLines, flatGzip, flatEnding = flatLines] = flatPath.exec(path) ?? [];
  if (flatName !== undefined) {
    const by = flatName.includes("T") ? "hour" : "day";
    return {
      name: flatName,
      naming: { by, layout: "flat", gzip: flatGzip !== undefined, ...recordsOf(flatEnding) },
    };
  }
  const [, date, hour, offset = "", hiveLines, hiveGzip, hiveEnding = hiveLines] =
    hivePath.exec(path) ?? [];
  if (date === undefined) {
    return undefined;
  }
  return {
    name: hour === undefined ? date : `${date}T${hour}${offset}`,
    naming: {
      by: hour === undefined ? "day" : "hour",
      layout: "hive",
      gzip: hiveGzip !== undefined,
      ...recordsOf(hiveEnding),
    },
  };
}

/** As a schema has it. */
function recordsOf(ending: string | undefined): Pick<NamingSchema, "records"> {
  return ending === "jsonl" || ending === "parquet" ? { records: ending } : {};
}

export function isSameNaming(one: NamingSchema, other: NamingSchema): boolean {
  return (
    one.by === other.by &&
    one.layout === other.layout &&
    one.gzip === other.gzip &&
    one.records === other.records
  );
}
