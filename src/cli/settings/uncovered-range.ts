import type { Zone } from "luxon";
import { UsageError } from "../../errors.js";
import type { Coverage } from "../../time/coverage.js";
import { describeSpan } from "../../time/iso.js";

const mostShown = 3;

export interface UncoveredOptions {
  /** Of the database, or of the server that has it. */
  readonly name: string;
  /** How it gets what it lacks, in a whole sentence. */
  readonly way: string;
  readonly allowExpired: boolean;
  readonly zone: Zone;
}

/**
 * What a database lacks of a range, in whole sentences.
 *
 * @throws UsageError where it lacks something, and that is not allowed
 */
export function warnOfUncovered(
  { missing, unproven }: Coverage,
  { name, way, allowExpired, zone }: UncoveredOptions,
): string[] {
  const shown = missing.slice(0, mostShown).map((span) => describeSpan(span, zone));
  const more = missing.length > mostShown ? `, and ${missing.length - mostShown} more` : "";
  const lacks = `${name} does not have all of this range yet: ${shown.join(", ")}${more}.`;
  if (missing.length > 0 && !allowExpired) {
    throw new UsageError(lacks, {
      hint: `${way} For what is there already, add --allow-expired.`,
    });
  }
  const unknown = `What ${name} has from before its first sync was never compared with SparkPost's count.`;
  return [...(missing.length > 0 ? [lacks] : []), ...(unproven ? [unknown] : [])];
}
