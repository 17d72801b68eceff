import type { ArchiveLayout } from "../sync/archive-schema.js";
import type { PeriodLength } from "../sync/period.js";
import { defaultSettle } from "../sync/plan.js";
import type { FindGiven } from "./given.js";
import { readChoice, readCount, readDuration, readYesNo } from "./read-value.js";
import { syncSettings } from "./setting-names.js";

/** What `sparky-events sync` goes by. */
export interface SyncSettings {
  readonly by: PeriodLength;
  readonly layout: ArchiveLayout;
  readonly gzip: boolean;
  /** Milliseconds. */
  readonly settle: number;
  /** Days after which files are deleted; absent where they are kept for good. */
  readonly keep: number | undefined;
}

const mostKept = 100_000;

export function readSyncSettings(find: FindGiven): SyncSettings {
  const layout = readChoice(find(syncSettings.layout), syncSettings.layout.values, "flat");
  const keep = find(syncSettings.keep);
  return {
    by: readChoice(find(syncSettings.by), syncSettings.by.values, "day"),
    layout,
    gzip: readYesNo(find(syncSettings.gzip), layout === "hive"),
    settle: readDuration(find(syncSettings.settle), defaultSettle),
    keep: keep && readCount(keep, 0, mostKept, "Leave it out to keep all files."),
  };
}
