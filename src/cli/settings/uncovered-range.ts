import type { Zone } from "luxon";
import { UsageError } from "../../errors.js";
import type { StoreCoverage } from "../../sync/store-coverage.js";
import { describeSpan } from "../../time/iso.js";

const mostShown = 3;

/**
 * What a store lacks of a range, in whole sentences.
 *
 * @param name of the store
 * @throws UsageError where it lacks something, and that is not allowed
 */
export function warnOfUncovered(
  { missing, unproven }: StoreCoverage,
  name: string,
  { allowExpired, zone }: { readonly allowExpired: boolean; readonly zone: Zone },
): string[] {
  const shown = missing.slice(0, mostShown).map((span) => describeSpan(span, zone));
  const more = missing.length > mostShown ? `, and ${missing.length - mostShown} more` : "";
  const lacks = `${name} does not have all of this range yet: ${shown.join(", ")}${more}.`;
  if (missing.length > 0 && !allowExpired) {
    throw new UsageError(lacks, {
      hint: `sparky-events sync --to ${name} (with --include-today) brings what SparkPost still has. For what is there already, add --allow-expired.`,
    });
  }
  const unknown = `What ${name} has from before its first sync was never compared with SparkPost's count.`;
  return [...(missing.length > 0 ? [lacks] : []), ...(unproven ? [unknown] : [])];
}
