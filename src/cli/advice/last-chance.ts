import type { Zone } from "luxon";
import { AnswerTooLargeError, ServiceError } from "../../errors.js";
import { toLocalMinute } from "../../time/iso.js";

/**
 * Where SparkPost was not reached, adds to the error until when that does no harm.
 *
 * @param oldest time of the oldest event that is still to be fetched; epoch milliseconds, as `now`
 */
export function withLastChance(
  error: unknown,
  oldest: number,
  now: number,
  { retention, zone }: { readonly retention: number; readonly zone: Zone },
): unknown {
  const keepsForGood = retention === Number.POSITIVE_INFINITY;
  if (error instanceof ServiceError && !(error instanceof AnswerTooLargeError) && !keepsForGood) {
    const chance = lastChance(oldest + retention, now, zone);
    error.hint = error.hint ? `${error.hint}\n${chance}` : chance;
  }
  return error;
}

function lastChance(leaving: number, now: number, zone: Zone): string {
  return leaving > now
    ? `Nothing is lost until ${toLocalMinute(leaving, zone)} in ${zone.name}, when the oldest of these events leave SparkPost.`
    : "The oldest of these events are leaving SparkPost by now: the sooner it is tried again, the fewer are lost.";
}
