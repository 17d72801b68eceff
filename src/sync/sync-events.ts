import { defaultHost, parseHost } from "../api/origin.js";
import { completeSearch } from "../api/search.js";
import { systemClock } from "../clock.js";
import { defaultFormat } from "../csv/csv-layout.js";
import { requireDuckDb } from "../parquet/duckdb-work.js";
import { unitLength } from "../time/units.js";
import { type ArchiveSchema, normalizeSchema } from "./archive-schema.js";
import { lookBack } from "./look-back.js";
import { openArchive } from "./open-archive.js";
import type { Gap } from "./sync-notice.js";
import { type CompleteSyncOptions, completeSyncOptions, type SyncOptions } from "./sync-options.js";
import { type RunResult, SyncRun } from "./sync-run.js";

export interface SyncResult extends RunResult {
  /** Of the generation that was written to. */
  readonly folder: string;
  /** Number of files, and of the events in them. */
  readonly files: number;
  readonly rows: number;
}

/**
 * Brings an archive up to date: a folder with a file for each local day (or hour), and a manifest.
 *
 * Exports what is missing, oldest first, and what SparkPost has more events of than its file; takes
 * away nothing that SparkPost has less of. A file appears and changes as a whole. A run that is
 * interrupted at any moment leaves nothing that a later one does not set right.
 *
 * @throws BusyError where another run is at work in the folder; UsageError where its files have
 *   another schema; KeyRefusedError, RejectedRequestError, ServiceError, OutputError; or the reason of
 *   `connection.signal`
 */
export async function syncEvents(given: SyncOptions): Promise<SyncResult> {
  const options = completeSyncOptions(given);
  const { search, records, by, layout, gzip, folder } = options;
  if (records === "parquet") {
    // Each period needs it, and the first request comes before that.
    await requireDuckDb();
  }
  const { api, events, filters, zone } = completeSearch({
    ...search,
    from: 0,
    to: unitLength.minute,
  });
  const schema = normalizeSchema({
    origin: parseHost(options.connection.host ?? defaultHost),
    api,
    events,
    filters,
    ...contentsOf(options),
    zone: zone.name,
    by,
    layout,
    gzip,
  });
  const now = (options.connection.clock ?? systemClock).now();
  const { archive, earlier, close } = await openArchive(folder, schema, options.newSchema, now);
  try {
    if (archive.repair) {
      const files = archive.records.size;
      options.onNotice?.({ type: "manifest-repaired", files, ...archive.repair });
    }
    if (archive.adopted.length > 0) {
      options.onNotice?.({ type: "adopted", names: archive.adopted });
    }
    for (const { strays } of [...earlier, archive]) {
      if (strays.length > 0) {
        options.onNotice?.({ type: "strays", names: strays });
      }
    }
    const gaps: Gap[] = [];
    for (const [index, generation] of earlier.entries()) {
      const next = earlier[index + 1] ?? archive;
      gaps.push(...(await lookBack(generation, next.since ?? now, now, options)));
    }
    const format = { ...defaultFormat, ...archive.schema.format };
    const run = new SyncRun({ ...options, format }, archive);
    const result = await run.run(now);
    const rows = [...archive.records.values()].reduce((sum, record) => sum + record.rows, 0);
    return {
      ...result,
      gaps: [...gaps, ...result.gaps],
      folder: archive.folder,
      files: archive.records.size,
      rows,
    };
  } finally {
    await close();
  }
}

/** What is in the files, as far as it is not said by what they are. */
function contentsOf({
  records,
  columns,
  format,
}: CompleteSyncOptions): Pick<ArchiveSchema, "records" | "columns" | "format"> {
  switch (records) {
    case "csv":
      return { columns, format };
    case "parquet":
      return { records, columns, format: {} };
    case "jsonl":
      return { records, columns: [], format: {} };
  }
}
