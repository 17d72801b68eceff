import { cutSearch } from "../api/cut-search.js";
import { countEach } from "../api/search-events.js";
import { systemClock } from "../clock.js";
import { IncompleteExportError, OutputError } from "../errors.js";
import { exportEvents } from "../export/export-events.js";
import { AuditError } from "../partial/audit-totals.js";
import { DamagedExportError } from "../partial/damaged-export-error.js";
import { type InterruptedExport, interruptedExport } from "../partial/interrupted-export.js";
import { OtherExportError } from "../partial/restore-export.js";
import type { KeptPeriod } from "./kept-period.js";
import type { Period } from "./period.js";
import { mayHaveLeft } from "./plan.js";
import type { CompleteSyncOptions } from "./sync-options.js";

/** Where periods are exported to. */
export interface StagingPlace {
  /**
   * Path of a file that a period is exported to before it is put; an interrupted export goes on there.
   *
   * @param whole whether all of the period is expected to be in it
   */
  stagingPath(name: string, whole: boolean): string;
  /** Number of events in a file that a period was exported to. */
  countStaged(path: string): Promise<number>;
}

/** A period that has been exported to a file, which is yet to be put into its archive. */
export interface StagedPeriod extends Pick<KeptPeriod, "rows" | "totalCount" | "state"> {
  readonly period: Period;
  /** Path of the file. */
  readonly staged: string;
  /** Number of events that SparkPost sent twice, on pages that meet. */
  readonly doubled: number;
}

/**
 * Exports a period to where it is put from, and goes on with an interrupted export of it where that
 * fits.
 *
 * @param isOver whether all of the period is asked for
 */
export async function stagePeriod(
  period: Period,
  isOver: boolean,
  place: StagingPlace,
  options: CompleteSyncOptions,
): Promise<StagedPeriod> {
  const { name } = period;
  const { connection, retention } = options;
  const clock = connection.clock ?? systemClock;
  const inReach = period.from >= clock.now() - retention;
  const interrupted = await interruptedExport(place.stagingPath(name, true));
  // What was begun in time has counted the events that have left since.
  const whole = isOver && (inReach || interrupted !== undefined);
  const staged = place.stagingPath(name, whole);
  // Pages from before and after events came in do not fit together.
  const resume = !(inReach && interrupted && (await hasGrown(period, interrupted, options)));
  try {
    const { events: rows, totalCount, doubled } = await exportTo(staged, period, resume, options);
    return { period, staged, rows, totalCount, state: whole ? "complete" : "partial", doubled };
  } catch (error) {
    if (
      error instanceof IncompleteExportError &&
      error.arrived < error.counted &&
      mayHaveLeft(period, clock.now(), retention)
    ) {
      // Nothing more will ever be there.
      const [incomplete = staged] = error.kept;
      const rows = await place.countStaged(incomplete);
      return {
        period,
        staged: incomplete,
        rows,
        totalCount: error.counted,
        state: "partial",
        doubled: 0,
      };
    }
    throw error;
  }
}

/** Goes on with an interrupted export where that fits. */
async function exportTo(
  staged: string,
  { from, to }: Period,
  resume: boolean,
  options: CompleteSyncOptions,
) {
  const { connection, search, records, columns, format, retention, onProgress } = options;
  const attempt = (goOn: boolean) =>
    exportEvents({
      connection,
      search: { ...search, from, to },
      records,
      columns,
      format,
      output: staged,
      // What has left SparkPost of a period is for the plan to know.
      allowExpired: true,
      retention,
      force: true,
      resume: goOn,
      onProgress,
    });
  try {
    return await attempt(resume);
  } catch (error) {
    if (
      error instanceof OtherExportError ||
      error instanceof DamagedExportError ||
      error instanceof AuditError
    ) {
      return await attempt(false);
    }
    if (error instanceof OutputError) {
      error.hint = "Make room, and run it again: it goes on from what is there.";
    }
    throw error;
  }
}

/** Whether events came in since an interrupted export began. */
async function hasGrown(
  { from, to }: Period,
  { count }: InterruptedExport,
  { connection, search }: CompleteSyncOptions,
): Promise<boolean> {
  const parts = cutSearch({ ...search, from, to }, connection.host);
  const counts = await countEach(connection, parts);
  return count === undefined || counts.reduce((sum, part) => sum + part, 0) > count;
}
