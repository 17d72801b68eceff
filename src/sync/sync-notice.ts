import type { IncompleteExportError } from "../errors.js";
import type { KeptPeriod } from "./kept-period.js";
import type { ManifestRepair } from "./manifest-repair.js";
import type { ExportReason, GapReason } from "./plan.js";

/** A period of which SparkPost no longer has what the archive lacks. */
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
      /** Size of its file; absent where it has none of its own. */
      readonly bytes: number | undefined;
    } & Pick<KeptPeriod, "rows" | "state">)
  /** Other events are to be had than the file holds, which stays as it is. */
  | ({ readonly type: "kept" } & Misfit)
  /** SparkPost sent so many events twice, on pages that meet, and the file has them twice. */
  | { readonly type: "doubled"; readonly name: string; readonly events: number }
  /** SparkPost counted so many events more than there are, for all that came. */
  | { readonly type: "short"; readonly name: string; readonly events: number }
  /** What arrived is not what SparkPost counted, and nothing was put in place. */
  | { readonly type: "incomplete"; readonly name: string; readonly error: IncompleteExportError }
  | {
      readonly type: "deleted";
      readonly names: readonly string[];
      /** Number of events; absent where that is not known. */
      readonly events?: number | undefined;
    };

export interface Misfit {
  readonly name: string;
  /** Number of events in the file. */
  readonly rows: number;
  /** Number of events that SparkPost has now. */
  readonly count: number;
  /** Whether they may have left SparkPost by their age. */
  readonly explained: boolean;
}
