import { type CompleteSearch, granularityOf } from "../api/search.js";
import { interruptedExport } from "../partial/interrupted-export.js";
import { expiredPart, type TimeSpan } from "../time/retention.js";
import { refuseExpired } from "./refuse-expired.js";

export interface ExpiryOptions {
  /** Epoch milliseconds. */
  readonly now: number;
  /** How long the host keeps events, in milliseconds. */
  readonly retention: number;
  readonly allowExpired: boolean;
  /** Path of a file to which an interrupted export may go on; absent where none may. */
  readonly interrupted: string | undefined;
}

/**
 * Tells what of the range was no longer there when the export began, which may have been in an
 * interrupted run before.
 *
 * @returns takes when an interrupted export began that is gone on with, in epoch milliseconds
 * @throws ExpiredRangeError where that is not allowed, and so does what is returned
 */
export async function expiryOf(
  search: CompleteSearch,
  { now, retention, allowExpired, interrupted }: ExpiryOptions,
): Promise<(began: number | undefined) => TimeSpan | undefined> {
  const granularity = granularityOf(search.api);
  const expiry = (began = now) => {
    if (!allowExpired) {
      refuseExpired(search, { now: began, retention });
    }
    return expiredPart(search, { now: began, retention, granularity });
  };
  if (interrupted !== undefined && expiredPart(search, { now, retention, granularity })) {
    expiry((await interruptedExport(interrupted))?.began);
  } else {
    expiry();
  }
  return expiry;
}
