import type { Clock } from "../clock.js";
import { retryDelay } from "./retry-delay.js";

export interface RequestGateOptions {
  /** The most requests at once. */
  readonly concurrency: number;
  readonly clock: Clock;
  readonly random: () => number;
  readonly signal?: AbortSignal | undefined;
}

/** How fast the pace grows while no rate limit is met: by a third in a minute. */
const growthPerSecond = 0.005;

/** The shortest time that a rate is measured over, in milliseconds. */
const shortestMeasure = 1_000;

/**
 * The one gate that every request of a run goes through, so that a rate limit that one worker meets
 * slows all of them down.
 *
 * SparkPost does not tell its limits, and they change. So requests go as fast as the concurrency
 * allows until the first 429. From then on they keep a pace: the rate that was let through between
 * the last two refusals, which for any limit that refills steadily is the limit itself, growing
 * slowly to find out whether more has become possible.
 */
export class RequestGate {
  readonly #options: RequestGateOptions;
  #running = 0;
  /** Requests per millisecond; absent before the first refusal. */
  #pace: number | undefined;
  #paceSetAt = 0;
  #pausedUntil = 0;
  #nextStart = 0;
  /** Mean duration of recent requests, in milliseconds. */
  #duration = 0;
  /** When the last refusal, or the first request, was; and what has been let through since. */
  #measuredSince: number | undefined;
  #admitted = 0;
  /** Refusals in a row, without a success in between. */
  #refusals = 0;
  readonly #waiting: (() => void)[] = [];

  constructor(options: RequestGateOptions) {
    this.#options = options;
  }

  /**
   * Waits until the next request may be sent, then counts it as running.
   *
   * @returns when the request was let through, for `leave`
   */
  async enter(): Promise<number> {
    const { clock, signal } = this.#options;
    for (;;) {
      signal?.throwIfAborted();
      const now = clock.now();
      const start = Math.max(this.#pausedUntil, this.#nextStart);
      if (this.#running >= this.#limit(now)) {
        await this.#untilOneLeaves();
      } else if (now < start) {
        await clock.sleep(start - now, signal);
      } else {
        this.#running += 1;
        this.#admitted += 1;
        this.#measuredSince ??= now;
        this.#nextStart = now + (this.#pace ? 1 / this.#paceAt(now) : 0);
        return now;
      }
    }
  }

  /** The request is over, well or otherwise, but was not refused for the rate. */
  leave(entered: number): void {
    this.#refusals = 0;
    const duration = this.#options.clock.now() - entered;
    this.#duration = this.#duration === 0 ? duration : 0.8 * this.#duration + 0.2 * duration;
    this.#release();
  }

  /**
   * The request was refused with a 429: nobody goes through for a while, and fewer after that.
   *
   * @param retryAfter what the server asked to wait, in milliseconds
   * @param longest pause that makes sense, in milliseconds
   * @returns how long everybody waits, in milliseconds; 0 where that pause is under way already
   */
  refuse(entered: number, retryAfter: number | undefined, longest: number): number {
    const now = this.#options.clock.now();
    this.#admitted -= 1;
    this.#release();
    if (entered < this.#pausedUntil && now < this.#pausedUntil) {
      // Sent before the pause that another refusal began.
      return 0;
    }
    this.#refusals += 1;
    const pause = Math.min(longest, retryDelay(this.#refusals, retryAfter, this.#options.random));
    const measured = Math.max(shortestMeasure, now - (this.#measuredSince ?? now));
    if (this.#admitted > 0) {
      this.#pace = this.#admitted / measured;
      this.#paceSetAt = now + pause;
    }
    this.#measuredSince = now;
    this.#admitted = 0;
    this.#pausedUntil = now + pause;
    return pause;
  }

  #release(): void {
    this.#running -= 1;
    for (const wake of this.#waiting.splice(0)) {
      wake();
    }
  }

  #untilOneLeaves(): Promise<void> {
    return new Promise((resolve) => {
      this.#waiting.push(resolve);
    });
  }

  #paceAt(now: number): number {
    const seconds = Math.max(0, now - this.#paceSetAt) / 1_000;
    return (this.#pace ?? 0) * Math.exp(growthPerSecond * seconds);
  }

  /** As many at once as the pace can make use of. */
  #limit(now: number): number {
    const { concurrency } = this.#options;
    return this.#pace === undefined || this.#duration === 0
      ? concurrency
      : Math.min(concurrency, Math.ceil(this.#paceAt(now) * this.#duration) + 1);
  }
}
