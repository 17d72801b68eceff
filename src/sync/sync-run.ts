import { cutSearch } from "../api/cut-search.js";
import { completeSearch, granularityOf, type Search } from "../api/search.js";
import { countEach } from "../api/search-events.js";
import { type Clock, systemClock } from "../clock.js";
import { IncompleteExportError, ServiceError } from "../errors.js";
import { packageVersion } from "../package-version.js";
import { interruptedExport } from "../partial/interrupted-export.js";
import { floorToUnit, unitLength } from "../time/units.js";
import { settleGaps } from "./gaps.js";
import { countable } from "./kept-period.js";
import type { Period } from "./period.js";
import {
  type ExportReason,
  type FileCondition,
  keptSince,
  mayHaveLeft,
  type PlanInput,
  type PlannedPeriod,
  planDeletions,
  planSync,
  recheckedFor,
} from "./plan.js";
import { type StagedPeriod, stagePeriod } from "./staged-period.js";
import type { Gap, Misfit, SyncNotice } from "./sync-notice.js";
import type { PeriodOptions } from "./sync-options.js";
import type { SyncTarget } from "./sync-target.js";
import { Turn } from "./turn.js";

/** What a run did, by names of periods. */
export interface RunResult {
  /** What was exported. */
  readonly exported: readonly string[];
  /** What SparkPost no longer has, and nobody has accepted. */
  readonly gaps: readonly Gap[];
  /** What does not fit SparkPost's counts, and not by its age. */
  readonly misfits: readonly string[];
}

/** What was exported of a period, and is yet to be put into its place. */
interface ExportedPeriod {
  readonly parts: readonly StagedPeriod[];
  /** Where it ends, epoch milliseconds. */
  readonly to: number;
  readonly exportedAt: number;
}

/** Brings one generation of an archive up to date. */
export class SyncRun {
  readonly #options: PeriodOptions;
  readonly #target: SyncTarget;
  readonly #clock: Clock;
  readonly #counts = new Map<string, number>();
  readonly #exported: string[] = [];
  readonly #misfits = new Set<string>();
  #conditions = new Map<string, FileCondition>();
  #interrupted = new Set<string>();

  constructor(options: PeriodOptions, target: SyncTarget) {
    this.#options = options;
    this.#target = target;
    this.#clock = options.connection.clock ?? systemClock;
  }

  async run(now: number): Promise<RunResult> {
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

  async #runAll(now: number): Promise<RunResult> {
    this.#conditions = await this.#inspect(now);
    const first = this.#plan(now);
    await this.#findInterrupted(first);
    await this.#count(first.filter(({ step }) => step.action === "count"));
    const plan = this.#plan(now);
    for (const { period, step } of plan) {
      if (step.action === "keep") {
        const record = this.#target.records.get(period.name);
        const rows = record ? countable(record) : 0;
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
    const { api, zone } = completeSearch({ ...search, from: 0, to: unitLength.minute });
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
      adds: this.#target.adds,
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
        this.#notify({ type: "damaged", name, path: this.#target.pathOf(name) });
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
    const periods = plan.map(({ period }) => period);
    const counts = await this.#countEach(periods, this.#options);
    for (const [index, count] of counts.entries()) {
      this.#counts.set(periods[index]?.name ?? "", count);
    }
  }

  /** Number of events that SparkPost has of each period. */
  async #countEach(
    periods: readonly Period[],
    { connection }: Pick<PeriodOptions, "connection">,
  ): Promise<number[]> {
    const parts = periods.flatMap((period, index) =>
      cutSearch(this.#search(period), connection.host).map((search) => ({ index, search })),
    );
    const sums = periods.map(() => 0);
    if (parts.length > 0) {
      const searches = parts.map(({ search }) => search);
      const counts = await countEach(connection, searches);
      for (const [part, { index }] of parts.entries()) {
        sums[index] = (sums[index] ?? 0) + (counts[part] ?? 0);
      }
    }
    return sums;
  }

  /**
   * Exports each period, and puts it in its place; where the target lets that be, the next one is
   * exported meanwhile. Of that nothing is told before its turn.
   */
  async #exportAll(plan: readonly PlannedPeriod[], now: number): Promise<void> {
    const exports = plan.flatMap(({ period, step }) =>
      step.action === "export" ? [{ period, reason: step.reason }] : [],
    );
    const stopping = new AbortController();
    let putting = Promise.resolve();
    for (const [index, { period, reason }] of exports.entries()) {
      const { name } = period;
      const turn = new Turn();
      turn.tell(() =>
        this.#notify({ type: "exporting", name, reason, index: index + 1, total: exports.length }),
      );
      const begun = putting.then(() => turn.begin());
      begun.catch((error: unknown) => stopping.abort(error));
      if (!this.#target.putsMeanwhile) {
        await begun;
      }
      const [result] = await Promise.allSettled([
        this.#export(period, reason, now, turn, stopping.signal),
      ]);
      await begun;
      if (result.status === "fulfilled") {
        putting = this.#put(period, reason, result.value);
      } else if (result.reason instanceof IncompleteExportError) {
        // The other periods may be whole; this one is tried again by the next run.
        this.#misfits.add(name);
        this.#notify({ type: "incomplete", name, error: result.reason });
      } else {
        throw result.reason;
      }
    }
    await putting;
  }

  /** Exports what is missing of a period. */
  async #export(
    period: Period,
    reason: ExportReason,
    now: number,
    turn: Turn,
    signal: AbortSignal,
  ): Promise<ExportedPeriod> {
    const options = turn.optionsOf(this.#options, signal);
    const { api } = this.#search(period);
    const isOver = reason !== "unfinished";
    const to = isOver
      ? period.to
      : Math.min(period.to, floorToUnit(now, granularityOf(api ?? "events")));
    const wanted = { ...period, to };
    const parts = await this.#target.missingParts(wanted, (periods) =>
      this.#countEach(periods, options),
    );
    const staged: StagedPeriod[] = [];
    for (const part of parts) {
      const exported = await stagePeriod(part, isOver, this.#target, options);
      const { doubled } = exported;
      if (doubled > 0) {
        turn.tell(() => this.#notify({ type: "doubled", name: part.name, events: doubled }));
      }
      staged.push(exported);
    }
    return { parts: staged, to, exportedAt: this.#clock.now() };
  }

  async #put(
    period: Period,
    reason: ExportReason,
    { parts, to, exportedAt }: ExportedPeriod,
  ): Promise<void> {
    const { name, from } = period;
    const wanted = this.#target.records.get(name)?.rows ?? 0;
    const explained = mayHaveLeft(period, exportedAt, this.#options.retention);
    const facts = { from, to, exportedAt, toolVersion: packageVersion() };
    const condition = this.#conditions.get(name);
    const { before, record, bytes, lacking } = await this.#target.put(
      period,
      parts,
      facts,
      condition,
    );
    if (!record) {
      const count = parts.reduce((sum, part) => sum + part.rows, 0);
      this.#keep({ name, rows: before, count, explained });
      return;
    }
    const { rows, state } = record;
    this.#conditions.set(name, "good");
    this.#counts.set(name, countable(record));
    this.#exported.push(name);
    const path = this.#target.pathOf(name);
    this.#notify({ type: "exported", name, reason, path, before, rows, bytes, state });
    if (lacking > 0) {
      this.#misfits.add(name);
      this.#notify({ type: "short", name, events: lacking });
    }
    if (rows < wanted && !explained) {
      // What was lost with the file cannot be had again.
      this.#misfits.add(name);
    }
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
    const input = this.#planInput(now);
    const { keep } = input;
    const names = planDeletions(input, this.#plan(now));
    // What was loaded into a store is of no period.
    if (keep !== undefined && (names.length > 0 || this.#target.adds)) {
      const events = await this.#target.remove(names, keptSince({ ...input, keep }));
      if (names.length > 0 || events) {
        this.#notify({ type: "deleted", names, events });
      }
    }
  }

  #notify(notice: SyncNotice): void {
    this.#options.onNotice?.(notice);
  }
}
