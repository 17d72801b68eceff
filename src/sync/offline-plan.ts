import { resolveZone } from "../time/zone.js";
import { countable, type KeptPeriod } from "./kept-period.js";
import type { Manifest } from "./manifest.js";
import { type PlanInput, type PlannedPeriod, planSync } from "./plan.js";

/** What an archive would need if SparkPost had what it had: nobody is asked. */
export function planOffline(
  {
    schema,
    since,
    records,
  }: {
    readonly schema: Pick<Manifest["schema"], "zone" | "by">;
    readonly since: number | undefined;
    readonly records: ReadonlyMap<string, KeptPeriod>;
  },
  input: Pick<PlanInput, "now" | "settle" | "retention" | "keep" | "conditions">,
): PlannedPeriod[] {
  return planSync({
    ...input,
    zone: resolveZone(schema.zone),
    by: schema.by,
    // An archive that was begun with fewer days lacks none of the others.
    days: since === undefined ? 10 : 0,
    includeUnfinished: true,
    granularity: "second",
    adds: false,
    since,
    records,
    counts: new Map([...records].map(([name, record]) => [name, countable(record)])),
    interrupted: new Set(),
  });
}
