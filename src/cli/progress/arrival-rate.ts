import type { Clock } from "../../clock.js";

/** What a rate is taken from, in milliseconds. */
const span = 30_000;

/** Below that, what happens to arrive at once looks like a rate. */
const leastGround = 2_000;

/**
 * How fast events arrive, over the last half minute. They come in pages, so nothing is said until a
 * few of these can have come: twice the time that the first one took.
 */
export class ArrivalRate {
  readonly #clock: Clock;
  readonly #started: number;
  #arrivals: { readonly time: number; readonly events: number }[] = [];

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#started = clock.now();
  }

  /** @param events number of those that have arrived since the start */
  add(events: number): void {
    const before = this.#arrivals.at(-1)?.events ?? 0;
    if (events < before) {
      // What arrived is being fetched again.
      this.#arrivals = [];
    }
    if (events !== before) {
      this.#arrivals.push({ time: this.#clock.now(), events });
    }
  }

  /** Absent while there is nothing to go by. */
  perSecond(): number | undefined {
    const now = this.#clock.now();
    const [first, last] = [this.#arrivals[0], this.#arrivals.at(-1)];
    if (!first || !last) {
      return undefined;
    }
    const ground = Math.max(leastGround, 2 * (first.time - this.#started));
    const elapsed = Math.min(now - first.time, span);
    if (elapsed < Math.min(ground, span)) {
      return undefined;
    }
    const before = this.#arrivals.findLast(({ time }) => time <= now - span) ?? first;
    return ((last.events - before.events) / elapsed) * 1_000;
  }

  /**
   * How long it takes at this rate until so many more events have arrived, in milliseconds; absent
   * while nobody can tell.
   */
  timeLeft(events: number): number | undefined {
    const rate = this.perSecond();
    return rate ? (events / rate) * 1_000 : undefined;
  }
}
