/**
 * What SparkPost said it would deliver.
 *
 * Source: SparkPost's events are available "generally within 1 minute", so `total_count` may grow
 * between the pages of a range that ends in the last few minutes. Those late events are newer than
 * the cursor, which runs from newest to oldest; an export that began before them is complete without
 * them. The count of a range that ended earlier does not grow: where it does, events are missing.
 */
import type { Slice } from "./slice.js";

const settling = 10 * 60_000;

export interface Shortfall {
  readonly arrived: number;
  readonly counted: number;
}

/** Each count is a claim about a range of time, to be held against the slices in it. */
export class CountClaims {
  /** By range, epoch milliseconds. */
  readonly #claims = new Map<
    string,
    { from: number; to: number; first: number; highest: number }
  >();
  readonly #settledBefore: number;

  /** @param started when the export began, epoch milliseconds */
  constructor(started: number) {
    this.#settledBefore = started - settling;
  }

  add(from: number, to: number, count: number | undefined): void {
    if (count === undefined) {
      return;
    }
    const key = `${from} ${to}`;
    const claim = this.#claims.get(key) ?? { from, to, first: count, highest: count };
    claim.highest = Math.max(claim.highest, count);
    this.#claims.set(key, claim);
  }

  /** The first claim that the slices do not meet. */
  shortfall(slices: readonly Slice[]): Shortfall | undefined {
    for (const { from, to, first, highest } of this.#claims.values()) {
      const counted = to > this.#settledBefore ? first : highest;
      const arrived = slices
        .filter((slice) => slice.from >= from && slice.to <= to)
        .reduce((sum, { events }) => sum + events, 0);
      if (arrived < counted) {
        return { arrived, counted };
      }
    }
    return undefined;
  }
}
