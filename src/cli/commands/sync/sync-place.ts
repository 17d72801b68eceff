import type { Settings } from "../../../config/settings.js";
import { countOf } from "../../../count.js";
import { syncEvents } from "../../../sync/sync-events.js";
import type { RunOptions } from "../../../sync/sync-options.js";
import type { RunResult } from "../../../sync/sync-run.js";
import { syncStore } from "../../../sync/sync-store.js";
import {
  foreignToLines,
  foreignToParquet,
  refuseCsvOptions,
} from "../../failures/refuse-csv-options.js";
import type { Edges } from "../../process/edges.js";
import { openWhenFree } from "../../settings/open-when-free.js";
import { namedStore, workFolderOf } from "../../settings/store-place.js";
import { defaultFolder } from "../shared-options.js";
import type { SyncGiven } from "./command.js";

/** Where a run keeps what it exports. */
export interface SyncPlace {
  /** For people. */
  readonly name: string;
  /** The same for programs. */
  readonly facts: object;
  /** What a day is in there. */
  readonly unit: "file" | "day";
  sync(options: RunOptions): Promise<SyncOutcome>;
}

export interface SyncOutcome {
  readonly result: RunResult;
  /** What is there now, for people. */
  readonly contents: string;
  /** The same for programs. */
  readonly facts: object;
}

/** @throws UsageError where options do not fit the format of the files */
export function folderPlace(
  command: Pick<SyncGiven, "dir" | "newSchema" | "settings">,
  settings: Settings,
): SyncPlace {
  const { dir: folder = defaultFolder, newSchema = false } = command;
  const { records, columns, format, sync } = settings;
  if (records === "jsonl") {
    refuseCsvOptions(command.settings, foreignToLines, "--format csv");
  }
  if (records === "parquet") {
    refuseCsvOptions(command.settings, foreignToParquet, "--format csv");
  }
  const { by, layout, gzip } = sync;
  return {
    name: folder,
    facts: { folder },
    unit: "file",
    async sync(options) {
      const search = settings;
      const archive = { folder, search, records, columns, format, by, layout, gzip, newSchema };
      const { files, rows, ...result } = await syncEvents({ ...options, ...archive });
      return {
        result,
        contents: `${result.folder}: ${countOf(files, "file")}, ${countOf(rows, "event")}`,
        facts: { folder: result.folder, files, rows },
      };
    },
  };
}

/**
 * @param to what names the store
 * @throws UsageError where that names none
 */
export function storePlace(
  to: string,
  { api, perPage, filters }: Settings,
  edges: Edges,
): SyncPlace {
  const address = namedStore(to);
  const { subaccounts } = filters;
  return {
    name: address.name,
    facts: { store: address.name },
    unit: "day",
    async sync(options) {
      const work = workFolderOf(address, edges);
      const store = await openWhenFree(address, work, edges);
      try {
        const search = { api, perPage, subaccounts };
        const { rows, ...result } = await syncStore({ ...options, store, work, search });
        return { result, contents: `${store.name}: ${countOf(rows, "event")}`, facts: { rows } };
      } finally {
        await store.discardIfEmpty();
        await store.close();
      }
    },
  };
}
