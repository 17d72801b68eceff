import { toUtcSeconds } from "../time/iso.js";
import type { ArchiveSchema } from "./archive-schema.js";
import { dayOf, isSameNaming, pathOfPeriod, readPath } from "./file-name.js";
import type { KeptPeriod } from "./kept-period.js";
import { isPlausibleTime } from "./plausible-times.js";

/** What is known about a file of an archive. */
export interface PeriodRecord extends KeptPeriod {
  /** Size of the file. */
  readonly bytes: number;
  readonly sha256: string;
}

export interface Manifest {
  readonly schema: ArchiveSchema;
  /** Where the archive begins (epoch milliseconds): what is older is no gap. */
  readonly since: number | undefined;
  /** Names of periods. */
  readonly acceptedGaps: readonly string[];
  /** By name of the period. */
  readonly records: ReadonlyMap<string, PeriodRecord>;
  /** What no archive can have, and is left alone: paths, and where it says to begin. */
  readonly strays: readonly string[];
}

const version = 1;

export function formatManifest({
  schema,
  since,
  acceptedGaps,
  records,
}: Omit<Manifest, "strays">): string {
  const files = [...records]
    .sort(([, a], [, b]) => a.from - b.from)
    .map(([name, record]) => [pathOfPeriod(name, schema), formatRecord(record)]);
  return `${JSON.stringify(
    {
      version,
      schema,
      since: since === undefined ? null : toUtcSeconds(since),
      acceptedGaps: [...acceptedGaps].sort(),
      files: Object.fromEntries(files),
    },
    undefined,
    2,
  )}\n`;
}

/** Times as people read them. */
export function formatRecord({ from, to, exportedAt, ...record }: PeriodRecord): object {
  return {
    from: toUtcSeconds(from),
    to: toUtcSeconds(to),
    ...record,
    exportedAt: toUtcSeconds(exportedAt),
  };
}

/** Why a text is no manifest of this version, as half a sentence. */
export class UnreadableManifestError extends Error {}

/** The manifest was written by a later version of the tool, which may mean something else by it. */
export class NewerManifestError extends Error {}

/**
 * Reads a manifest. Files whose entry makes no sense are left out: they are looked at anew.
 *
 * @throws UnreadableManifestError, NewerManifestError
 */
export function parseManifest(text: string): Manifest {
  const manifest = parseObject(text);
  if (typeof manifest.version === "number" && manifest.version > version) {
    throw new NewerManifestError(`version ${manifest.version}`);
  }
  const { schema, since, acceptedGaps, files } = manifest;
  if (manifest.version !== version || !isSchema(schema) || !isObject(files)) {
    throw new UnreadableManifestError("it lacks what a manifest has");
  }
  const strays: string[] = [];
  const records = Object.entries(files).flatMap(([path, entry]) => {
    // A name from elsewhere could lead out of the folder.
    const found = readPath(path);
    if (found && !isPlausibleTime(dayOf(found.name))) {
      strays.push(path);
      return [];
    }
    const record = parseRecord(entry);
    return found && record && isSameNaming(found.naming, schema)
      ? [[found.name, record] as const]
      : [];
  });
  let begin = parseTime(since);
  if (begin !== undefined && !isPlausibleTime(begin)) {
    strays.push(`since ${since} in the manifest`);
    begin = records.map(([, { from }]) => from).sort((a, b) => a - b)[0];
  }
  return {
    schema,
    since: begin,
    strays,
    acceptedGaps: Array.isArray(acceptedGaps)
      ? acceptedGaps.filter((name) => typeof name === "string")
      : [],
    records: new Map(records),
  };
}

/** @returns undefined where the entry makes no sense */
export function parseRecord(entry: unknown): PeriodRecord | undefined {
  if (!isObject(entry)) {
    return undefined;
  }
  const { rows, bytes, sha256, totalCount, state, toolVersion } = entry;
  const [from, to, exportedAt] = [entry.from, entry.to, entry.exportedAt].map(parseTime);
  return from !== undefined &&
    isPlausibleTime(from) &&
    to !== undefined &&
    isPlausibleTime(to) &&
    exportedAt !== undefined &&
    isCount(rows) &&
    isCount(bytes) &&
    typeof sha256 === "string" &&
    (state === "complete" || state === "partial")
    ? {
        from,
        to,
        rows,
        bytes,
        sha256,
        totalCount: isCount(totalCount) ? totalCount : null,
        exportedAt,
        state,
        toolVersion: typeof toolVersion === "string" ? toolVersion : null,
      }
    : undefined;
}

function parseObject(text: string): Record<string, unknown> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new UnreadableManifestError("it is not whole JSON");
  }
  if (!isObject(value)) {
    throw new UnreadableManifestError("it lacks what a manifest has");
  }
  return value;
}

function isSchema(value: unknown): value is ArchiveSchema {
  return (
    isObject(value) &&
    [value.origin, value.api, value.zone].every((part) => typeof part === "string") &&
    ["jsonl", "parquet", undefined].includes(value.records as string | undefined) &&
    Array.isArray(value.events) &&
    isObject(value.filters) &&
    Object.values(value.filters).every((values) => Array.isArray(values)) &&
    Array.isArray(value.columns) &&
    value.columns.every(isColumn) &&
    isObject(value.format) &&
    (value.by === "day" || value.by === "hour") &&
    (value.layout === "flat" || value.layout === "hive") &&
    typeof value.gzip === "boolean"
  );
}

function isColumn(value: unknown): boolean {
  return isObject(value) && typeof value.header === "string" && Array.isArray(value.path);
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

function parseTime(value: unknown): number | undefined {
  const time = typeof value === "string" ? Date.parse(value) : Number.NaN;
  return Number.isNaN(time) ? undefined : time;
}
