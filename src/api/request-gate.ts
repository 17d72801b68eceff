import type { Clock } from "../clock.js";
import { retryDelay } from "./retry-delay.js";

export interface RequestGateOptions {
  /** The most requests at once. */
  readonly concurrency: number;
  readonly clock: Clock;
  readonly random: () => number;
  readonly signal?: AbortSignal | undefined;
}

const second = 1_000;

/** Between the first requests of a run, in milliseconds. */
const firstSpacing = 15;

/** A rate is measured over at least so many requests and milliseconds, where there are as many. */
const soundMeasure = { requests: 10, milliseconds: 10 * second };

/** Refusals that are further back say nothing about the limit of today, in milliseconds. */
const longestMemory = 120 * second;

/** A pace that nobody has objected to for so long may be well below what is possible by now. */
const quiet = 60 * second;

/** A pace a little below the limit meets a refusal, which costs a pause, less often. */
const caution = 0.98;

/** So many requests let through since the last refusal are a good while. */
const aWhile = 3;

/**
 * How fast the pace grows between two refusals. 0.1 means: each second by a tenth of what it is.
 *
 * The closer the pace is to the limit, the slower it is to grow, and each refusal brings it closer: so
 * growth begins with `first`, and each refusal leaves `kept` of it, but no less than `least`. After a
 * quiet minute the limit may be another one: from then on the pace grows by `afterQuiet` on top, and the
 * next refusal counts as the first one again.
 */
const growth = { first: 0.1, kept: 0.6, least: 0.002, afterQuiet: 0.03 };

/** A moment when the account's limit was used up, and how many requests it had let through. */
interface Refusal {
  readonly at: number;
  readonly admitted: number;
}

function isSound(start: Refusal, end: Refusal): boolean {
  return (
    end.at - start.at >= soundMeasure.milliseconds &&
    end.admitted - start.admitted >= soundMeasure.requests
  );
}

/**
 * The one gate that every request of a run goes through, so that a rate limit that one worker meets
 * slows all of them down.
 *
 * SparkPost does not tell its limits, and they change. So requests go as fast as the concurrency
 * allows until the first 429. From then on they keep a pace, which grows to find out what is possible,
 * in steps that become smaller with each refusal, and again after a quiet minute.
 */
export class RequestGate {
  readonly #options: RequestGateOptions;
  #running = 0;
  /** Requests per millisecond; absent before the first refusal. */
  #pace: number | undefined;
  #paceSetAt = 0;
  #growth = growth.first;
  #pausedUntil = 0;
  #nextStart = 0;
  /** Mean duration of recent requests, in milliseconds. */
  #duration = 0;
  /** Requests that were let through, so far as is known. */
  #admitted = 0;
  #startedAt: number | undefined;
  #memory: Refusal[] = [];
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
      if (this.#running >= this.limit) {
        await this.#untilOneLeaves();
      } else if (now < start) {
        await clock.sleep(start - now, signal);
      } else {
        this.#running += 1;
        this.#admitted += 1;
        this.#startedAt ??= now;
        this.#nextStart = now + this.#spacing(now);
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
      // Sent before the pause that another refusal began, and taken for let through then.
      this.#correctLastRefusal();
      return 0;
    }
    this.#refusals += 1;
    const pause = Math.min(longest, retryDelay(this.#refusals, retryAfter, this.#options.random));
    this.#measure(now);
    this.#paceSetAt = now + pause;
    this.#nextStart = now + this.#spacing(now);
    this.#pausedUntil = now + pause;
    return pause;
  }

  /**
   * Between two refusals, a limit that refills steadily lets through no more than it refills, and less
   * where it could not save up what nobody asked for. So what was let through is at most the limit,
   * and the pace that was refused after a good while is at least the limit.
   */
  #measure(now: number): void {
    const refusal = { at: now, admitted: this.#admitted };
    this.#memory = this.#memory.filter(({ at }) => now - at <= longestMemory);
    const last = this.#memory.at(-1);
    const since = this.#memory.findLast((earlier) => isSound(earlier, refusal)) ?? this.#memory[0];
    const start = since ?? { at: this.#startedAt ?? now, admitted: 0 };
    const atMost = this.#paceAt(now);
    const atLeast = (refusal.admitted - start.admitted) / Math.max(second, now - start.at);
    this.#growth =
      now - this.#paceSetAt > quiet
        ? growth.first * growth.kept
        : Math.max(growth.least, this.#growth * growth.kept);
    const keptWell = last !== undefined && refusal.admitted - last.admitted >= aWhile;
    if (keptWell && atMost > atLeast) {
      this.#pace = (caution * (atLeast + atMost)) / 2;
    } else if (atLeast > 0 || this.#pace !== undefined) {
      this.#pace = atLeast || atMost / 2;
    }
    this.#memory.push(refusal);
  }

  #correctLastRefusal(): void {
    const last = this.#memory.pop();
    if (last) {
      this.#memory.push({ ...last, admitted: last.admitted - 1 });
    }
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

  /** Until the next request, in milliseconds. */
  #spacing(now: number): number {
    if (this.#pace !== undefined) {
      return 1 / this.#paceAt(now);
    }
    // The first ones come one by one, so that a refusal can stop the rest of them.
    return this.#admitted <= this.#options.concurrency && this.#running > 1 ? firstSpacing : 0;
  }

  #paceAt(now: number): number {
    const kept = Math.max(0, now - this.#paceSetAt);
    const exponent = this.#growth * kept + growth.afterQuiet * Math.max(0, kept - quiet);
    return (this.#pace ?? 0) * Math.exp(exponent / second);
  }

  /** How many requests are worth having at once, from 1 to the concurrency. */
  get limit(): number {
    const { concurrency, clock } = this.#options;
    const now = clock.now();
    return this.#pace === undefined || this.#duration === 0
      ? concurrency
      : Math.min(concurrency, Math.ceil(this.#paceAt(now) * this.#duration) + 1);
  }
}
