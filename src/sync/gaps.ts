import { isDeepStrictEqual } from "node:util";
import type { PlannedPeriod } from "./plan.js";
import type { Gap } from "./sync-notice.js";
import type { CompleteRunOptions } from "./sync-options.js";
import type { SyncTarget } from "./sync-target.js";

/**
 * Tells the gaps of an archive, and remembers those that are accepted.
 *
 * @returns the gaps that nobody has accepted
 */
export async function settleGaps(
  target: SyncTarget,
  plan: readonly PlannedPeriod[],
  { acceptGaps, onNotice }: Pick<CompleteRunOptions, "acceptGaps" | "onNotice">,
): Promise<Gap[]> {
  const gaps = plan.flatMap(({ period, step }) =>
    step.action === "gap" ? [{ name: period.name, reason: step.reason }] : [],
  );
  const accepted = new Set(acceptGaps ? gaps.map(({ name }) => name) : target.acceptedGaps);
  const known = gaps.filter(({ name }) => accepted.has(name));
  const open = gaps.filter(({ name }) => !accepted.has(name));
  const names = known.map(({ name }) => name).sort();
  if (!isDeepStrictEqual(names, target.acceptedGaps)) {
    await target.setAcceptedGaps(names);
  }
  if (known.length > 0) {
    onNotice?.({ type: "gaps", gaps: known, accepted: true });
  }
  if (open.length > 0) {
    onNotice?.({ type: "gaps", gaps: open, accepted: false });
  }
  return open;
}
