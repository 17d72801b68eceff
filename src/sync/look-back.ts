import type { FileArchive } from "./file-archive.js";
import { settleGaps } from "./gaps.js";
import { planOffline } from "./offline-plan.js";
import { planDeletions } from "./plan.js";
import type { Gap } from "./sync-notice.js";
import type { CompleteRunOptions } from "./sync-options.js";

/**
 * An earlier generation gets no more files. What it lacks is told, and what is too old is deleted.
 *
 * @param until where the next generation begins
 * @returns the gaps that nobody has accepted
 */
export async function lookBack(
  archive: FileArchive,
  until: number,
  now: number,
  options: CompleteRunOptions,
): Promise<Gap[]> {
  const { settle, keep } = options;
  const conditions = await archive.inspect(() => false);
  const plan = planOffline(archive, {
    now,
    settle,
    retention: options.retention,
    keep,
    conditions,
  });
  const tooOld = planDeletions({ now, keep, records: archive.records }, plan);
  if (tooOld.length > 0) {
    await archive.remove(tooOld, plan[0]?.period.from ?? until);
    options.onNotice?.({ type: "deleted", names: tooOld });
  }
  const own = plan.filter(({ period }) => period.from < until);
  return settleGaps(archive, own, options);
}
