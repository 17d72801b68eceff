import type { KeptPeriod } from "./kept-period.js";
import type { PeriodLength } from "./period.js";
import type { FileCondition, PlannedPeriod } from "./plan.js";

/**
 * `complete`; `partial`, not over yet, or exported before it was; `changed`, not the file that was
 * written; `missing`, and to be had from SparkPost; `gap`, at least in part not to be had any more.
 */
export type PeriodState = "complete" | "partial" | "changed" | "missing" | "gap";

export interface PeriodStatus {
  readonly name: string;
  /** Epoch milliseconds; `to` is exclusive. */
  readonly from: number;
  readonly to: number;
  readonly state: PeriodState;
  /** Whether it is as good as it can be at this moment, or has been accepted. */
  readonly sound: boolean;
  /** Whether some of it is not there, and has left SparkPost. */
  readonly lost: boolean;
  /** Whether anything is there. */
  readonly kept: boolean;
  /** Number of events that are there. */
  readonly rows: number;
  /** Size of its file; absent where it has none of its own. */
  readonly bytes: number | undefined;
  /** Path of its file; absent where it has none of its own. */
  readonly path: string | undefined;
}

export interface GenerationStatus {
  /** Path of its folder, or name of the store. */
  readonly name: string;
  readonly zone: string;
  readonly by: PeriodLength;
  /** Why the manifest itself cannot be read, and its copy was. */
  readonly problem: string | undefined;
  /** Oldest first. */
  readonly periods: readonly PeriodStatus[];
  /** What is named as if it were of the archive, and no archive can have. */
  readonly strays: readonly string[];
}

export interface ArchiveStatus {
  readonly kind: "folder" | "store";
  /** Path of the folder, or name of the store. */
  readonly name: string;
  /** Oldest first; the last one is written to. */
  readonly generations: readonly GenerationStatus[];
  /** The oldest period that a run could still mend, and when it begins to leave SparkPost, or is gone. */
  readonly leaving:
    | { readonly name: string; readonly from: number; readonly to: number }
    | undefined;
}

/** What there is of an archive, by name of the period. */
interface KeptPeriods {
  readonly records: ReadonlyMap<string, KeptPeriod>;
  readonly conditions: ReadonlyMap<string, FileCondition>;
  readonly accepted: ReadonlySet<string>;
  fileOf(name: string): Pick<PeriodStatus, "bytes" | "path">;
}

export const noFile = { bytes: undefined, path: undefined };

/**
 * The oldest period that a run could still mend.
 *
 * @param retention how long SparkPost keeps events, in milliseconds; `Infinity` for good
 */
export function leavingOf(
  periods: readonly PeriodStatus[],
  now: number,
  retention: number,
): ArchiveStatus["leaving"] {
  const mendable = periods.find(
    ({ state, sound, to }) => !sound && state !== "gap" && to > now - retention,
  );
  return mendable && Number.isFinite(retention)
    ? { name: mendable.name, from: mendable.from + retention, to: mendable.to + retention }
    : undefined;
}

/**
 * @param accepted names of periods whose gaps are
 * @param fileOf size and path of the file of a period that is there, where it has one of its own
 * @returns nothing for a period that is not over yet, and that nothing is there of
 */
export function statusOf(
  { period, step }: PlannedPeriod,
  { records, conditions, accepted, fileOf }: KeptPeriods,
  { now, retention }: { readonly now: number; readonly retention: number },
): PeriodStatus[] {
  const record = conditions.get(period.name) === "absent" ? undefined : records.get(period.name);
  const isOpen = step.action === "export" && step.reason === "unfinished";
  if (isOpen && !record) {
    return [];
  }
  const state = isOpen && conditions.get(period.name) === "good" ? "partial" : stateOf(step);
  const isAccepted = step.action === "gap" && accepted.has(period.name);
  return [
    {
      ...period,
      state,
      sound: state === "complete" || (isOpen && state === "partial") || isAccepted,
      lost: step.action === "gap" || (step.action === "export" && period.from < now - retention),
      kept: record !== undefined,
      rows: record?.rows ?? 0,
      ...(record ? fileOf(period.name) : noFile),
    },
  ];
}

function stateOf(step: PlannedPeriod["step"]): PeriodState {
  switch (step.action) {
    case "export":
      return step.reason === "missing" || step.reason === "partial" ? step.reason : "changed";
    case "gap":
      return step.reason === "damaged" ? "changed" : "gap";
    default:
      return "complete";
  }
}
