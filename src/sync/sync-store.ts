import { mkdir, rmdir } from "node:fs/promises";
import { defaultHost, parseHost } from "../api/origin.js";
import type { Search } from "../api/search.js";
import { systemClock } from "../clock.js";
import { UsageError } from "../errors.js";
import { Lock } from "../files/lock.js";
import type { EventStore } from "../store/event-store.js";
import { storeColumns, storeLayout } from "../store/store-columns.js";
import { defaultRetention, describeRetention } from "../time/retention.js";
import { unitLength } from "../time/units.js";
import { archiveError } from "./archive-error.js";
import { recheckedFor } from "./plan.js";
import { StoreArchive, type StoreSource } from "./store-archive.js";
import { type CompleteRunOptions, completeRunOptions, type RunOptions } from "./sync-options.js";
import { type RunResult, SyncRun } from "./sync-run.js";

export interface SyncStoreOptions extends RunOptions {
  /** How SparkPost is searched. Days and times are in UTC. Default: every event. */
  readonly search?: SyncStoreSearch | undefined;
  /** Opened for writing; the caller closes it. */
  readonly store: EventStore;
  /** Path of a folder for exports under way; made where it does not exist. */
  readonly work: string;
}

interface SyncStoreSearch extends Pick<Search, "api" | "perPage"> {
  /** Numbers of subaccounts. Default: all. */
  readonly subaccounts?: readonly string[] | undefined;
}

export interface SyncStoreResult extends RunResult {
  /** Number of events in the store. */
  readonly rows: number;
}

/**
 * Brings a store up to date: exports the days that it lacks, and the hours of which SparkPost has more
 * events. What is in the store stays there, and each event is in it once.
 *
 * @throws BusyError where another run is at work with it; UsageError where it holds the events of
 *   another host or other subaccounts; otherwise as `syncEvents`
 */
export async function syncStore({
  store,
  work,
  search = {},
  ...given
}: SyncStoreOptions): Promise<SyncStoreResult> {
  const options = completeRunOptions(given);
  const { connection, retention } = options;
  const clock = connection.clock ?? systemClock;
  refuseShortKeep(options);
  const subaccounts = [...(search.subaccounts ?? [])].sort();
  const source = { origin: parseHost(connection.host ?? defaultHost), subaccounts };
  const lock = await lockFolder(work, store.name);
  try {
    await store.reserve();
    await refuseOther(store, source);
    const archive = await StoreArchive.open(store, source, { work, retention });
    const { columns, zone, sentZone, ...format } = storeLayout();
    const run = new SyncRun(
      {
        ...options,
        search: {
          api: search.api,
          perPage: search.perPage,
          filters: subaccounts.length > 0 ? { subaccounts } : undefined,
        },
        records: "csv",
        columns: storeColumns,
        format,
        by: "day",
      },
      archive,
    );
    const result = await run.run(clock.now());
    if (Number.isFinite(retention)) {
      const longest = Math.max(retention, defaultRetention);
      await store.dropForgottenBefore(clock.now() - longest - forgottenMargin);
    }
    return { ...result, rows: (await store.info()).events };
  } catch (error) {
    throw archiveError(error, work);
  } finally {
    await lock.release();
    await rmdir(work).catch(() => {});
  }
}

/**
 * For how long after SparkPost lets go of events those who are forgotten stay out, in milliseconds: a
 * day that is leaving is counted until the last of it is gone.
 */
const forgottenMargin = unitLength.day;

/** A slip of the finger would remove for good what nobody else has. */
function refuseShortKeep({ keep, retention }: CompleteRunOptions): void {
  const least = recheckedFor(retention);
  if (keep !== undefined && keep < least) {
    throw new UsageError(
      `A store keeps events for ${describeRetention(least)} at least, as long as SparkPost does.`,
      { hint: "Give --keep (Keep) as many days, or more; or leave it out to keep them for good." },
    );
  }
}

async function lockFolder(work: string, name: string): Promise<Lock> {
  const make = async () => {
    await mkdir(work, { recursive: true, mode: 0o700 });
  };
  try {
    return await Lock.acquireIn(work, make, name);
  } catch (error) {
    throw archiveError(error, work);
  }
}

/** What is counted here and there can be compared only where both are of the same events. */
async function refuseOther(store: EventStore, source: StoreSource): Promise<void> {
  const { origin, subaccounts } = await store.readFacts();
  if (origin === undefined) {
    return;
  }
  const [was, is] = [{ origin, subaccounts }, source].map(describeSource);
  if (was !== is) {
    throw new UsageError(`${store.name} holds ${was}; these settings are for ${is}.`, {
      hint: "Go back to the settings of the store, or name another one with --to.",
    });
  }
}

function describeSource({ origin, subaccounts }: StoreSource): string {
  const of = subaccounts.length > 0 ? ` of subaccounts ${subaccounts.join(", ")}` : "";
  return `the events${of} from ${origin}`;
}
