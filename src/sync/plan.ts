import type { Zone } from "luxon";
import { spanOf, toLocal } from "../time/local-time.js";
import { defaultRetention, leavingMargin } from "../time/retention.js";
import { floorToUnit, unitLength } from "../time/units.js";
import { countable, type KeptPeriod } from "./kept-period.js";
import { type Period, type PeriodLength, periodsIn } from "./period.js";

/** How many days before today are looked at where nothing is said, if there are as many. */
export const usualDays = 10;

/** For a host that keeps events for good: a hundred years. */
const mostDays = 36_500;

/** @param retention in milliseconds; `Infinity` for good */
export function mostDaysOf(retention: number): number {
  return Math.min(Math.floor(retention / unitLength.day), mostDays);
}

/** How long after its end a period counts as complete, in milliseconds. */
export const defaultSettle = 15 * unitLength.minute;

/** Whether the file of a period is what its record says. */
export type FileCondition = "good" | "damaged" | "absent";

/** Times and durations in milliseconds. */
export interface PlanInput {
  readonly now: number;
  readonly zone: Zone;
  readonly by: PeriodLength;
  /** How long after its end a period counts as complete. */
  readonly settle: number;
  /** How long SparkPost keeps events; `Infinity` for good. */
  readonly retention: number;
  /** How many local days before today are looked at. */
  readonly days: number;
  /** Age beyond which files are deleted; absent where they are kept for good. */
  readonly keep?: number | undefined;
  /** Whether what is not complete yet is exported too, as far as it goes. */
  readonly includeUnfinished: boolean;
  /** The smallest step of time that the API knows. */
  readonly granularity: "second" | "minute";
  /** Where the archive begins; absent for a new one. */
  readonly since: number | undefined;
  /** Whether what is exported is added to what is there, so that nothing can be lost by it. */
  readonly adds: boolean;
  /** By name of the period, as all the maps here. */
  readonly records: ReadonlyMap<
    string,
    Pick<KeptPeriod, "from" | "to" | "rows" | "forgotten" | "state">
  >;
  readonly conditions: ReadonlyMap<string, FileCondition>;
  /** What SparkPost counts now, as far as it has been asked. */
  readonly counts: ReadonlyMap<string, number>;
  /** Periods whose interrupted export holds events that may have left SparkPost since. */
  readonly interrupted: ReadonlySet<string>;
}

/**
 * Why a period is exported: `missing`, no file; `damaged`, not the file that was written; `partial`,
 * exported before its end; `grown`, SparkPost has more events now; `unfinished`, not over yet.
 */
export type ExportReason = "missing" | "damaged" | "partial" | "grown" | "unfinished";

/** What SparkPost no longer has: the whole period, a part of it, or what a file should hold. */
export type GapReason = "missing" | "partial" | "damaged";

type Step =
  | { readonly action: "none" }
  /** Whether anything is to be done depends on how many events SparkPost has now. */
  | { readonly action: "count" }
  | { readonly action: "export"; readonly reason: ExportReason }
  /**
   * SparkPost counts other than the file holds, and the file stays since it may hold what only it has
   * by now. `explained`: the difference is what the age of the events makes one expect.
   */
  | { readonly action: "keep"; readonly count: number; readonly explained: boolean }
  | { readonly action: "gap"; readonly reason: GapReason };

export interface PlannedPeriod {
  readonly period: Period;
  readonly step: Step;
}

/** Whether events of a period may have left SparkPost, so that it has fewer than there were. */
export function mayHaveLeft(period: Period, now: number, retention: number): boolean {
  return period.from < now - retention + leavingMargin;
}

/**
 * For how long after its events a whole period is read and counted again, in milliseconds: late events
 * come early, and each night has to do with it.
 */
export function recheckedFor(retention: number): number {
  return Math.min(retention, defaultRetention);
}

/**
 * What is to be done about each period of an archive, oldest first. The archive reaches from where it
 * began, or for a new one from the first period that SparkPost still has as a whole, until now.
 */
export function planSync(input: PlanInput): PlannedPeriod[] {
  const { now, zone, by, keep } = input;
  const start = windowStart(input);
  const since = input.since ?? now;
  return periodsIn(Math.min(since, start), now, zone, by)
    .filter(({ from, to }) => from >= start || to > since)
    .filter(({ to }) => keep === undefined || to > now - keep)
    .map((period) => ({ period, step: stepFor(period, input) }));
}

/**
 * Where what is kept begins: a period goes as a whole, when all of it is older.
 *
 * @param input with `keep`
 */
export function keptSince({
  now,
  zone,
  by,
  keep,
}: Pick<PlanInput, "now" | "zone" | "by"> & { readonly keep: number }): number {
  const [oldest] = periodsIn(now - keep, now, zone, by);
  return oldest?.from ?? now;
}

/** Names of the records that have become older than files are to be kept. */
export function planDeletions(
  { now, keep, records }: Pick<PlanInput, "now" | "keep" | "records">,
  plan: readonly PlannedPeriod[],
): string[] {
  const kept = new Set(plan.map(({ period }) => period.name));
  return [...records]
    .filter(([name, { from }]) => keep !== undefined && from < now - keep && !kept.has(name))
    .map(([name]) => name);
}

/** From here on, each period is there as a whole, and asked for. */
function windowStart({ now, zone, days, retention }: PlanInput): number {
  const today = floorToUnit(toLocal(now, zone), "day");
  const first = spanOf(today - days * unitLength.day, unitLength.day, zone).start;
  return Math.max(first, now - retention);
}

/** When a period stops being unfinished. */
function completeAt(period: Period, { settle }: Pick<PlanInput, "settle">): number {
  return period.to + settle;
}

function stepFor(period: Period, input: PlanInput): Step {
  const { now, includeUnfinished, granularity, retention } = input;
  const record = input.records.get(period.name);
  const condition = input.conditions.get(period.name) ?? (record ? "good" : "absent");
  const whole = record && isWhole(record, period);
  if (now < completeAt(period, input)) {
    const isWanted = includeUnfinished && period.from < floorToUnit(now, granularity);
    return isWanted && !(whole && condition === "good") ? exportFor("unfinished") : nothing;
  }
  if (!record || condition === "absent") {
    return period.to > now - retention || input.interrupted.has(period.name)
      ? exportFor("missing")
      : gap("missing");
  }
  if (condition === "damaged") {
    // What is left of a period that is leaving may be less than what is left of the file.
    return period.from >= now - retention ? exportFor("damaged") : gap("damaged");
  }
  if (!whole && period.from >= now - retention) {
    return exportFor("partial");
  }
  if (whole && period.to <= now - recheckedFor(retention)) {
    return nothing;
  }
  if (period.to <= now - retention) {
    return gap("partial");
  }
  const count = input.counts.get(period.name);
  if (count === undefined) {
    return { action: "count" };
  }
  const expected = countable(record);
  return whole ? stepForWhole(period, expected, count, input) : stepForPart(expected, count);
}

function stepForWhole(
  period: Period,
  expected: number,
  count: number,
  { now, retention, adds }: PlanInput,
): Step {
  const leaving = mayHaveLeft(period, now, retention);
  if (count > expected) {
    // However many came in late, the file may have events that only it has by now.
    return leaving && !adds ? { action: "keep", count, explained: false } : exportFor("grown");
  }
  return count < expected ? { action: "keep", count, explained: leaving } : nothing;
}

function stepForPart(expected: number, count: number): Step {
  return count > expected ? exportFor("grown") : gap("partial");
}

function isWhole({ from, to, state }: Pick<KeptPeriod, "from" | "to" | "state">, period: Period) {
  return state === "complete" && from <= period.from && to >= period.to;
}

const nothing: Step = { action: "none" };

function exportFor(reason: ExportReason): Step {
  return { action: "export", reason };
}

function gap(reason: GapReason): Step {
  return { action: "gap", reason };
}
