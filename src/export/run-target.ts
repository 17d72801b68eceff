import type { Abandonable, ExportTarget } from "../output/export-target.js";

/**
 * Does something with a target, up to the end of the export that it begins there; where anything fails,
 * what there is by then is abandoned.
 *
 * @param work is handed what begins the export
 * @param onKept called with the folder that a later run can go on from, where there is one
 */
export async function runTarget<Result>(
  target: ExportTarget,
  work: (begin: ExportTarget["begin"]) => Promise<Result>,
  onKept?: (folder: string) => void,
): Promise<Result> {
  let current: Abandonable = target;
  try {
    return await work(async (state) => {
      const open = await target.begin(state);
      current = open;
      return open;
    });
  } catch (error) {
    const kept = await current.abandon();
    if (kept !== undefined) {
      onKept?.(kept);
    }
    throw error;
  }
}
