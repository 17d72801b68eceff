/**
 * What SparkPost said it would deliver.
 *
 * Source: SparkPost's events are available "generally within 1 minute", so `total_count` may grow
 * between the pages of a range that ends in the last few minutes. Those late events are newer than
 * the cursor, which runs from newest to oldest; an export that began before them is complete without
 * them. The count of a range that ended earlier does not grow: where it does, events are missing. But
 * events that come in later than that may have been fetched with a slice whose turn came after them,
 * so whether there are more than SparkPost has is for a count after the last page to say.
 */
import type { Slice } from "./slice.js";

/** How long after its end a range may still get events, in milliseconds. */
export const settlingTime = 10 * 60_000;

/**
 * Why what arrived is not what should have: fewer events than were counted, more than that, pages
 * that do not follow one on the other, or a count that proves nothing, since it may not be of the events
 * that arrived.
 */
export interface Flaw {
  readonly kind: "missing" | "surplus" | "shifted" | "unproven";
  readonly arrived: number;
  readonly counted: number;
}

/** Each count is a claim about a range of time, to be held against the slices in it. */
export class CountClaims {
  /** By range, epoch milliseconds. */
  readonly #claims = new Map<
    string,
    { from: number; to: number; first: number; highest: number; last: number }
  >();
  readonly #settledBefore: number;

  /** @param started when the export began, epoch milliseconds */
  constructor(started: number) {
    this.#settledBefore = started - settlingTime;
  }

  add(from: number, to: number, count: number | undefined): void {
    if (count === undefined) {
      return;
    }
    const key = `${from} ${to}`;
    const claim = this.#claims.get(key) ?? { from, to, first: count, highest: count, last: count };
    claim.highest = Math.max(claim.highest, count);
    claim.last = claim.highest;
    this.#claims.set(key, claim);
  }

  /** The first claim that the slices do not meet. */
  shortfall(slices: readonly Slice[]): Flaw | undefined {
    for (const { from, to, first, highest } of this.#claims.values()) {
      const counted = (this.isSettled(to) ? highest : first) - outside(from, to, slices);
      const arrived = slices
        .filter((slice) => slice.from >= from && slice.to <= to)
        .reduce((sum, { events }) => sum + events, 0);
      if (arrived < counted) {
        return { kind: "missing", arrived, counted };
      }
    }
    return undefined;
  }

  /** A count of a range after its last page: what came in later nobody can have fetched. */
  recount(from: number, to: number, count: number): void {
    const claim = this.#claims.get(`${from} ${to}`);
    if (claim) {
      claim.last = Math.max(claim.last, count);
    }
  }

  /** How many events there are in a range, as far as is known. */
  countOf(from: number, to: number, slices: readonly Slice[]): number {
    const counted = this.#claims.get(`${from} ${to}`)?.last ?? 0;
    return counted - outside(from, to, slices);
  }

  /** Whether a range ended so long ago that its count does not grow. */
  isSettled(to: number): boolean {
    return to <= this.#settledBefore;
  }
}

/** Number of events that a server counts in a range although they are not in it. */
function outside(from: number, to: number, slices: readonly Slice[]): number {
  return slices.reduce(
    (sum, slice) =>
      sum + (slice.to === to ? slice.tooNew : 0) + (slice.from === from ? slice.tooOld : 0),
    0,
  );
}
