import { stat } from "node:fs/promises";
import { join } from "node:path";
import { UsageError } from "../errors.js";
import { unitLength } from "../time/units.js";
import { resolveZone } from "../time/zone.js";
import type { ArchiveSchema } from "./archive-schema.js";
import { dayOf, pathOfPeriod, readPath } from "./file-name.js";
import { hashFile } from "./inspect-file.js";
import type { PeriodRecord } from "./manifest.js";
import { type Period, periodsIn } from "./period.js";
import { readContents } from "./read-contents.js";

/** Takes files that are whole but have no record into the records, at their word. */
export async function adoptFiles(
  folder: string,
  files: readonly string[],
  schema: ArchiveSchema,
  records: Map<string, PeriodRecord>,
): Promise<string[]> {
  const paths = new Map(
    files.flatMap((path) => {
      const name = readPath(path)?.name;
      const isOurs = name !== undefined && pathOfPeriod(name, schema) === path;
      return isOurs && !records.has(name) ? [[name, join(folder, path)] as const] : [];
    }),
  );
  const adopted: string[] = [];
  for (const period of periodsNamed([...paths.keys()], schema)) {
    const path = paths.get(period.name);
    const record = path && (await recordOf(path, period, schema));
    if (record) {
      records.set(period.name, record);
      adopted.push(period.name);
    }
  }
  return adopted;
}

function periodsNamed(names: readonly string[], { zone, by }: ArchiveSchema): Period[] {
  const days = names.map(dayOf);
  const valid = days.filter((day) => !Number.isNaN(day));
  if (valid.length === 0) {
    return [];
  }
  const wanted = new Set(names);
  const from = valid.reduce((a, b) => Math.min(a, b));
  const to = valid.reduce((a, b) => Math.max(a, b));
  return periodsIn(from - unitLength.day, to + 3 * unitLength.day, resolveZone(zone), by).filter(
    ({ name }) => wanted.has(name),
  );
}

async function recordOf(
  path: string,
  { from, to }: Period,
  schema: ArchiveSchema,
): Promise<PeriodRecord | undefined> {
  const { rows, whole, other } = await readContents(path, schema);
  if (other) {
    throw new UsageError(`${path} has ${other} than the files of this archive.`, {
      hint: "Move it away, or write the settings that it was exported with.",
    });
  }
  if (!whole) {
    return undefined;
  }
  const { mtimeMs } = await stat(path);
  return {
    from,
    to,
    rows,
    ...(await hashFile(path)),
    totalCount: null,
    exportedAt: Math.floor(mtimeMs),
    state: mtimeMs < to ? "partial" : "complete",
    toolVersion: null,
  };
}
