import { unlink } from "node:fs/promises";
import { isDeepStrictEqual } from "node:util";
import { type Connection, requireConnection } from "../api/client.js";
import { cutSearch } from "../api/cut-search.js";
import { defaultHost, parseHost } from "../api/origin.js";
import { completeSearch, granularityOf, type Search, wholeNumber } from "../api/search.js";
import { countEach } from "../api/search-events.js";
import { type Clock, systemClock } from "../clock.js";
import { readColumns } from "../csv/column-list.js";
import {
  type Column,
  type CsvFormat,
  completeLayout,
  defaultFormat,
  refuseOthers,
} from "../csv/csv-layout.js";
import { defaultProperties } from "../csv/default-properties.js";
import { IncompleteExportError, OutputError, ServiceError, UsageError } from "../errors.js";
import { type ExportOptions, exportEvents } from "../export/export-events.js";
import type { ExportProgress } from "../export/export-progress.js";
import { packageVersion } from "../package-version.js";
import { AuditError } from "../partial/audit.js";
import { DamagedExportError } from "../partial/damaged-export-error.js";
import {
  type InterruptedExport,
  interruptedExport,
  OtherExportError,
} from "../partial/restore-export.js";
import { defaultRetention, requireRetention } from "../time/retention.js";
import { floorToUnit, unitLength } from "../time/units.js";
import { type ArchiveLayout, archiveLayouts, normalizeSchema } from "./archive-schema.js";
import type { FileArchive, ManifestRepair } from "./file-archive.js";
import { readCsv } from "./inspect-file.js";
import type { PeriodRecord } from "./manifest.js";
import { planOffline } from "./offline-plan.js";
import { openArchive } from "./open-archive.js";
import { type Period, type PeriodLength, periodLengths } from "./period.js";
import {
  defaultSettle,
  type ExportReason,
  type FileCondition,
  type GapReason,
  mayHaveLeft,
  mostDaysOf,
  type PlanInput,
  type PlannedPeriod,
  planDeletions,
  planSync,
  recheckedFor,
  usualDays,
} from "./plan.js";
import type { SyncTarget } from "./sync-target.js";

/** Durations in milliseconds. */
export interface SyncOptions {
  readonly connection: Connection;
  /** What is searched for; its zone is that of the days. Default: every event, days in UTC. */
  readonly search?: Omit<Search, "from" | "to"> | undefined;
  /** As for `exportEvents`. */
  readonly columns?: ExportOptions["columns"];
  /** As for `exportEvents`. */
  readonly format?: Partial<CsvFormat> | undefined;
  /** Of the archive; made where it does not exist. */
  readonly folder: string;
  /** What a file holds. Default: `day`. */
  readonly by?: PeriodLength | undefined;
  /** `flat`: `2026-11-19.csv`; `hive`: `date=2026-11-19/events.csv`. Default: `flat`. */
  readonly layout?: ArchiveLayout | undefined;
  /** Whether the files are gzipped. Default: false. */
  readonly gzip?: boolean | undefined;
  /** How long the host keeps events; `Infinity` for good. Default: 10 days. */
  readonly retention?: number | undefined;
  /** How many days before today are looked at, at most as many as `retention` has. Default: 10. */
  readonly days?: number | undefined;
  /** How long after its end a period counts as complete. Default: 15 min. */
  readonly settle?: number | undefined;
  /** Whether the period that is not over yet is exported too. Default: false. */
  readonly includeUnfinished?: boolean | undefined;
  /** Whether gaps are taken note of, and reported no longer. Default: false. */
  readonly acceptGaps?: boolean | undefined;
  /**
   * Whether another schema than that of the folder begins a new generation in a subfolder. Default:
   * false.
   */
  readonly newSchema?: boolean | undefined;
  /** Age beyond which files are deleted. Default: they are kept for good. */
  readonly keep?: number | undefined;
  /** Called as things happen. */
  readonly onNotice?: ((notice: SyncNotice) => void) | undefined;
  /**
   * Called where SparkPost is not reached, with the beginning (epoch milliseconds) of the oldest period
   * that is still to be exported.
   */
  readonly onUnreachable?: ((oldest: number) => void) | undefined;
  /** Called after each page of the period that is being exported. */
  readonly onProgress?: ((progress: ExportProgress) => void) | undefined;
}

export interface Gap {
  readonly name: string;
  readonly reason: GapReason;
}

/** What happens in a run, as it happens. `name` is that of a period. */
export type SyncNotice =
  | ({ readonly type: "manifest-repaired"; readonly files: number } & ManifestRepair)
  | { readonly type: "adopted"; readonly names: readonly string[] }
  /** What is named as if it were of the archive, and no archive can have. */
  | { readonly type: "strays"; readonly names: readonly string[] }
  | { readonly type: "damaged"; readonly name: string; readonly path: string }
  | { readonly type: "gaps"; readonly gaps: readonly Gap[]; readonly accepted: boolean }
  | {
      readonly type: "exporting";
      readonly name: string;
      readonly reason: ExportReason;
      /** From 1. */
      readonly index: number;
      readonly total: number;
    }
  | ({
      readonly type: "exported";
      readonly name: string;
      readonly reason: ExportReason;
      readonly path: string;
      /** Number of events that were there before. */
      readonly before: number;
    } & Pick<PeriodRecord, "rows" | "bytes" | "state">)
  /** Other events are to be had than the file holds, which stays as it is. */
  | ({ readonly type: "kept" } & Misfit)
  /** SparkPost sent so many events twice, on pages that meet, and the file has them twice. */
  | { readonly type: "doubled"; readonly name: string; readonly events: number }
  /** What arrived is not what SparkPost counted, and nothing was put in place. */
  | { readonly type: "incomplete"; readonly name: string; readonly error: IncompleteExportError }
  | { readonly type: "deleted"; readonly names: readonly string[] };

export interface Misfit {
  readonly name: string;
  /** Number of events in the file. */
  readonly rows: number;
  /** Number of events that SparkPost has now. */
  readonly count: number;
  /** Whether they may have left SparkPost by their age. */
  readonly explained: boolean;
}

export interface SyncResult {
  /** Of the generation that was written to. */
  readonly folder: string;
  /** Number of files, and of the events in them. */
  readonly files: number;
  readonly rows: number;
  /** Names of the periods that were exported. */
  readonly exported: readonly string[];
  /** What SparkPost no longer has, and nobody has accepted. */
  readonly gaps: readonly Gap[];
  /** What does not fit SparkPost's counts, and not by its age. */
  readonly misfits: readonly string[];
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
  const options = completeOptions(given);
  const { search, by, layout, gzip, folder } = options;
  const { api, events, filters, zone } = completeSearch({ ...search, from: 0, to: minute });
  const schema = normalizeSchema({
    origin: parseHost(options.connection.host ?? defaultHost),
    api,
    events,
    filters,
    columns: options.columns,
    format: options.format,
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
    const run = new SyncRun({ ...options, format }, archive, (name) => archive.pathOf(name));
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

const minute = unitLength.minute;

type OptionsWithDefaults = Omit<
  SyncOptions,
  "columns" | "format" | "keep" | "onNotice" | "onUnreachable" | "onProgress"
>;

/** The options, with the defaults where nothing is said. */
type CompleteOptions = Pick<SyncOptions, "keep" | "onNotice" | "onUnreachable" | "onProgress"> & {
  readonly [Name in keyof OptionsWithDefaults]-?: Exclude<OptionsWithDefaults[Name], undefined>;
} & { readonly columns: readonly Column[]; readonly format: CsvFormat };

/** @throws UsageError naming what has no meaning */
function completeOptions(given: SyncOptions): CompleteOptions {
  const { folder, by = "day", layout = "flat", settle = defaultSettle } = given;
  const { retention = defaultRetention } = given;
  requireConnection(given.connection);
  requireRetention(retention);
  const { days = Math.min(usualDays, mostDaysOf(retention)) } = given;
  if (typeof folder !== "string" || folder === "") {
    throw new UsageError("folder must be the path of a folder.");
  }
  refuseOthers("by", by, periodLengths);
  refuseOthers("layout", layout, archiveLayouts);
  wholeNumber("days", days, mostDaysOf(retention));
  for (const [name, value] of Object.entries({ settle, keep: given.keep ?? 0 })) {
    if (!(typeof value === "number" && value >= 0)) {
      throw new UsageError(`${name} must be a number of milliseconds.`);
    }
  }
  const { columns, zone, sentZone, ...format } = completeLayout({
    ...given.format,
    columns: readColumns(given.columns ?? defaultProperties),
  });
  return {
    ...given,
    search: given.search ?? {},
    columns,
    format,
    by,
    layout,
    days,
    settle,
    retention,
    gzip: given.gzip ?? false,
    includeUnfinished: given.includeUnfinished ?? false,
    acceptGaps: given.acceptGaps ?? false,
    newSchema: given.newSchema ?? false,
  };
}

/**
 * An earlier generation gets no more files. What it lacks is told, and what is too old is deleted.
 *
 * @param until where the next generation begins
 * @returns the gaps that nobody has accepted
 */
async function lookBack(
  archive: FileArchive,
  until: number,
  now: number,
  options: CompleteOptions,
): Promise<Gap[]> {
  const { settle, keep } = options;
  const conditions = await archive.inspect(() => false);
  const plan = planOffline(archive, {
    now,
    settle,
    retention: options.retention,
    keep,
    conditions,
  });
  const tooOld = planDeletions({ now, keep, records: archive.records }, plan);
  if (tooOld.length > 0) {
    await archive.remove(tooOld, plan[0]?.period.from ?? until);
    options.onNotice?.({ type: "deleted", names: tooOld });
  }
  const own = plan.filter(({ period }) => period.from < until);
  return settleGaps(archive, own, options);
}

/** @returns the gaps that nobody has accepted */
async function settleGaps(
  target: SyncTarget,
  plan: readonly PlannedPeriod[],
  { acceptGaps, onNotice }: Pick<CompleteOptions, "acceptGaps" | "onNotice">,
): Promise<Gap[]> {
  const gaps = plan.flatMap(({ period, step }) =>
    step.action === "gap" ? [{ name: period.name, reason: step.reason }] : [],
  );
  const accepted = new Set(acceptGaps ? gaps.map(({ name }) => name) : target.acceptedGaps);
  const known = gaps.filter(({ name }) => accepted.has(name));
  const open = gaps.filter(({ name }) => !accepted.has(name));
  const names = known.map(({ name }) => name).sort();
  if (!isDeepStrictEqual(names, target.acceptedGaps)) {
    await target.setAcceptedGaps(names);
  }
  if (known.length > 0) {
    onNotice?.({ type: "gaps", gaps: known, accepted: true });
  }
  if (open.length > 0) {
    onNotice?.({ type: "gaps", gaps: open, accepted: false });
  }
  return open;
}

class SyncRun {
  readonly #options: CompleteOptions;
  readonly #target: SyncTarget;
  readonly #pathOf: (name: string) => string;
  readonly #clock: Clock;
  readonly #counts = new Map<string, number>();
  readonly #exported: string[] = [];
  readonly #misfits = new Set<string>();
  #conditions = new Map<string, FileCondition>();
  #interrupted = new Set<string>();

  constructor(options: CompleteOptions, target: SyncTarget, pathOf: (name: string) => string) {
    this.#options = options;
    this.#target = target;
    this.#pathOf = pathOf;
    this.#clock = options.connection.clock ?? systemClock;
  }

  async run(now: number): Promise<Pick<SyncResult, "exported" | "gaps" | "misfits">> {
    try {
      return await this.#runAll(now);
    } catch (error) {
      if (error instanceof ServiceError) {
        this.#tellOldest(now);
      }
      throw error;
    }
  }

  /** What is not over yet is still to be exported in any case. */
  #tellOldest(now: number): void {
    const plan = this.#plan(now);
    const oldest = plan.find(({ step }) => step.action === "export") ?? plan.at(-1);
    if (oldest) {
      this.#options.onUnreachable?.(oldest.period.from);
    }
  }

  async #runAll(now: number): Promise<Pick<SyncResult, "exported" | "gaps" | "misfits">> {
    this.#conditions = await this.#inspect(now);
    const first = this.#plan(now);
    await this.#findInterrupted(first);
    await this.#count(first.filter(({ step }) => step.action === "count"));
    const plan = this.#plan(now);
    for (const { period, step } of plan) {
      if (step.action === "keep") {
        const rows = this.#target.records.get(period.name)?.rows ?? 0;
        this.#keep({ name: period.name, rows, count: step.count, explained: step.explained });
      }
    }
    await this.#exportAll(plan, now);
    await this.#delete(now);
    const gaps = await settleGaps(this.#target, this.#plan(now), this.#options);
    return { exported: this.#exported, gaps, misfits: [...this.#misfits] };
  }

  #plan(now: number): PlannedPeriod[] {
    return planSync(this.#planInput(now));
  }

  #planInput(now: number): PlanInput {
    const { search, by, settle, days, keep, includeUnfinished } = this.#options;
    const { api, zone } = completeSearch({ ...search, from: 0, to: minute });
    return {
      now,
      zone,
      by,
      settle,
      retention: this.#options.retention,
      days,
      keep,
      includeUnfinished,
      granularity: granularityOf(api),
      since: this.#target.since,
      records: this.#target.records,
      conditions: this.#conditions,
      counts: this.#counts,
      interrupted: this.#interrupted,
    };
  }

  /** What is counted again is read as a whole; of the rest the size has to do. */
  async #inspect(now: number): Promise<Map<string, FileCondition>> {
    const { records } = this.#target;
    const since = now - recheckedFor(this.#options.retention);
    const conditions = await this.#target.inspect((name) => (records.get(name)?.to ?? 0) > since);
    for (const [name, condition] of conditions) {
      if (condition === "damaged") {
        this.#notify({ type: "damaged", name, path: this.#pathOf(name) });
      }
    }
    return conditions;
  }

  async #findInterrupted(plan: readonly PlannedPeriod[]): Promise<void> {
    for (const { period, step } of plan) {
      if (step.action === "gap" && step.reason === "missing") {
        if (await interruptedExport(this.#target.stagingPath(period.name, true))) {
          this.#interrupted.add(period.name);
        }
      }
    }
  }

  async #count(plan: readonly PlannedPeriod[]): Promise<void> {
    const { connection } = this.#options;
    const periods = plan.map(({ period }) => period);
    const parts = periods.flatMap((period) =>
      cutSearch(this.#search(period), connection.host).map((search) => ({ period, search })),
    );
    if (parts.length === 0) {
      return;
    }
    const counts = await countEach(
      connection,
      parts.map(({ search }) => search),
    );
    for (const [index, { period }] of parts.entries()) {
      const sum = (this.#counts.get(period.name) ?? 0) + (counts[index] ?? 0);
      this.#counts.set(period.name, sum);
    }
  }

  async #exportAll(plan: readonly PlannedPeriod[], now: number): Promise<void> {
    const exports = plan.flatMap(({ period, step }) =>
      step.action === "export" ? [{ period, reason: step.reason }] : [],
    );
    for (const [index, { period, reason }] of exports.entries()) {
      const { name } = period;
      this.#notify({ type: "exporting", name, reason, index: index + 1, total: exports.length });
      try {
        await this.#export(period, reason, now);
      } catch (error) {
        if (!(error instanceof IncompleteExportError)) {
          throw error;
        }
        // The other periods may be whole; this one is tried again by the next run.
        this.#misfits.add(name);
        this.#notify({ type: "incomplete", name, error });
      }
    }
  }

  async #export(period: Period, reason: ExportReason, now: number): Promise<void> {
    const { name } = period;
    const { api } = this.#search(period);
    const to =
      reason === "unfinished"
        ? Math.min(period.to, floorToUnit(now, granularityOf(api ?? "events")))
        : period.to;
    const before = await this.#rowsBefore(name);
    const wanted = this.#target.records.get(name)?.rows ?? 0;
    const { staged, ...found } = await this.#fetch({ ...period, to }, reason);
    const explained = this.#mayHaveLeft(period);
    if (found.rows < before) {
      await unlink(staged);
      this.#keep({ name, rows: before, count: found.rows, explained });
      return;
    }
    const { rows, bytes, state } = await this.#target.put(period, staged, {
      from: period.from,
      to,
      exportedAt: this.#clock.now(),
      toolVersion: packageVersion(),
      ...found,
    });
    this.#conditions.set(name, "good");
    this.#counts.set(name, rows);
    this.#exported.push(name);
    const path = this.#pathOf(name);
    this.#notify({ type: "exported", name, reason, path, before, rows, bytes, state });
    if (rows < wanted && !explained) {
      // What was lost with the file cannot be had again.
      this.#misfits.add(name);
    }
  }

  async #rowsBefore(name: string): Promise<number> {
    const record = this.#target.records.get(name);
    if (record && this.#conditions.get(name) === "good") {
      return record.rows;
    }
    // Damage can also look like rows that never were.
    const found = await this.#target.countRows(name);
    return record ? Math.min(found, record.rows) : found;
  }

  /** Exports a period to where it is put from. */
  async #fetch(
    period: Period,
    reason: ExportReason,
  ): Promise<{ staged: string } & Pick<PeriodRecord, "rows" | "totalCount" | "state">> {
    const { name } = period;
    const inReach = period.from >= this.#clock.now() - this.#options.retention;
    const interrupted = await interruptedExport(this.#target.stagingPath(name, true));
    // What was begun in time has counted the events that have left since.
    const whole = reason !== "unfinished" && (inReach || interrupted !== undefined);
    const staged = this.#target.stagingPath(name, whole);
    // Pages from before and after events came in do not fit together.
    const resume = !(inReach && interrupted && (await this.#hasGrown(period, interrupted)));
    try {
      const { events: rows, totalCount, doubled } = await this.#exportTo(staged, period, resume);
      if (doubled > 0) {
        this.#notify({ type: "doubled", name, events: doubled });
      }
      return { staged, rows, totalCount, state: whole ? "complete" : "partial" };
    } catch (error) {
      if (
        error instanceof IncompleteExportError &&
        error.arrived < error.counted &&
        this.#mayHaveLeft(period)
      ) {
        // Nothing more will ever be there.
        const [incomplete = staged] = error.kept;
        const { rows } = await readCsv(incomplete, this.#options.gzip);
        return { staged: incomplete, rows, totalCount: error.counted, state: "partial" };
      }
      throw error;
    }
  }

  /** Goes on with an interrupted export where that fits. */
  async #exportTo(staged: string, period: Period, resume: boolean) {
    const { connection, columns, format, onProgress } = this.#options;
    const attempt = (goOn: boolean) =>
      exportEvents({
        connection,
        search: this.#search(period),
        columns,
        format,
        output: staged,
        // What has left SparkPost of a period is for the plan to know.
        allowExpired: true,
        retention: this.#options.retention,
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
  async #hasGrown(period: Period, { count }: InterruptedExport): Promise<boolean> {
    const { connection } = this.#options;
    const counts = await countEach(connection, cutSearch(this.#search(period), connection.host));
    return count === undefined || counts.reduce((sum, part) => sum + part, 0) > count;
  }

  #mayHaveLeft(period: Period): boolean {
    return mayHaveLeft(period, this.#clock.now(), this.#options.retention);
  }

  #search({ from, to }: Period): Search {
    return { ...this.#options.search, from, to };
  }

  #keep(misfit: Misfit): void {
    if (!misfit.explained) {
      this.#misfits.add(misfit.name);
    }
    this.#notify({ type: "kept", ...misfit });
  }

  async #delete(now: number): Promise<void> {
    const plan = this.#plan(now);
    const names = planDeletions(this.#planInput(now), plan);
    if (names.length > 0) {
      await this.#target.remove(names, plan[0]?.period.from ?? now);
      this.#notify({ type: "deleted", names });
    }
  }

  #notify(notice: SyncNotice): void {
    this.#options.onNotice?.(notice);
  }
}
