import { type Answer, errorAnswer, HttpError } from "../http/answer.js";

/** A token bucket: a second's worth of requests at once, then `perSecond` of them each second. */
export class RateLimit {
  readonly #capacity: number;
  #tokens: number;
  #refilledAt: number;
  #refusals = 0;

  /** `now` tells the time in milliseconds. */
  constructor(
    private readonly perSecond: number,
    private readonly now: () => number,
  ) {
    this.#capacity = Math.max(1, perSecond);
    this.#tokens = this.#capacity;
    this.#refilledAt = now();
  }

  /** Counts one request; the 429 to answer it with when it is one too many. */
  refuse(): Answer | undefined {
    this.#refill();
    if (this.#tokens >= 1) {
      this.#tokens--;
      return undefined;
    }
    const answer = errorAnswer(new HttpError(429, "Too many requests"));
    // Clients can rely neither on this header nor on its absence.
    if (this.#refusals++ % 2 === 1) return answer;
    const wait = String(Math.ceil((1 - this.#tokens) / this.perSecond));
    return { ...answer, headers: { ...answer.headers, "retry-after": wait } };
  }

  #refill(): void {
    const now = this.now();
    const elapsed = Math.max(0, now - this.#refilledAt);
    this.#tokens = Math.min(this.#capacity, this.#tokens + (elapsed / 1000) * this.perSecond);
    this.#refilledAt = now;
  }
}
