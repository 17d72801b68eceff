import type { EventStore } from "../store/event-store.js";
import type { StatusOptions } from "./archive-status.js";
import { planOffline } from "./offline-plan.js";
import { type ArchiveStatus, leavingOf, noFile, statusOf } from "./period-status.js";
import { readStoredPeriods } from "./stored-periods.js";

/** Looks at the days of a store without asking SparkPost. */
export async function readStoreStatus(
  store: EventStore,
  options: Omit<StatusOptions, "folder" | "verify">,
): Promise<ArchiveStatus> {
  const { since, acceptedGaps } = await store.readFacts();
  const { records, conditions } = await readStoredPeriods(store);
  const accepted = new Set(acceptedGaps);
  const fileOf = () => noFile;
  const schema = { zone: "UTC", by: "day" } as const;
  const periods = planOffline({ schema, since, records }, { ...options, conditions }).flatMap(
    (planned) => statusOf(planned, { records, conditions, accepted, fileOf }, options),
  );
  return {
    kind: "store",
    name: store.name,
    generations: [{ name: store.name, ...schema, problem: undefined, periods, strays: [] }],
    leaving: leavingOf(periods, options.now, options.retention),
  };
}
