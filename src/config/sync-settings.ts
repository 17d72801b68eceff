import type { FormatName } from "../formats/record-format.js";
import { type ArchiveLayout, defaultLayoutOf } from "../sync/archive-schema.js";
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

/** @param records what a file holds of each event */
export function readSyncSettings(find: FindGiven, records: FormatName): SyncSettings {
  const { layout: layoutSetting } = syncSettings;
  const layout = readChoice(find(layoutSetting), layoutSetting.values, defaultLayoutOf(records));
  const gzip = readYesNo(find(syncSettings.gzip), layout === "hive");
  const keep = find(syncSettings.keep);
  return {
    by: readChoice(find(syncSettings.by), syncSettings.by.values, "day"),
    layout,
    // Parquet is compressed within; in the ini file, the setting may stand for others.
    gzip: gzip && records !== "parquet",
    settle: readDuration(find(syncSettings.settle), defaultSettle),
    keep: keep && readCount(keep, 0, mostKept, "Leave it out to keep all files."),
  };
}
