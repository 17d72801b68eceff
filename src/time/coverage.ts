import type { TimeSpan } from "./retention.js";

/** What a source of events cannot answer for, of a range. Times are epoch milliseconds. */
export interface Coverage {
  /** What no sync has brought, or not all of, oldest first. */
  readonly missing: readonly TimeSpan[];
  /** Whether some of it is from before the first sync, so that nobody has compared it with a count. */
  readonly unproven: boolean;
}
