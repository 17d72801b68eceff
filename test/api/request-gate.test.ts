import { describe, expect, test } from "vitest";
import { RequestGate } from "../../src/api/request-gate.js";
import type { Clock } from "../../src/clock.js";

/** Time that passes only when everybody waits: sleeps end in the order of their ends. */
class SimulatedClock implements Clock {
  #now = 0;
  #sleepers: { until: number; wake: () => void }[] = [];

  now(): number {
    return this.#now;
  }

  sleep(milliseconds: number): Promise<void> {
    return new Promise((wake) => {
      this.#sleepers.push({ until: this.#now + milliseconds, wake });
    });
  }

  async run(work: Promise<unknown>): Promise<void> {
    let over = false;
    work.finally(() => {
      over = true;
    });
    for (;;) {
      // Whatever can go on without time passing does so first.
      for (let turn = 0; turn < 20; turn++) {
        await Promise.resolve();
      }
      if (over) {
        return;
      }
      this.#sleepers.sort((a, b) => a.until - b.until);
      const next = this.#sleepers.shift();
      if (next) {
        this.#now = Math.max(this.#now, next.until);
        next.wake();
      }
    }
  }
}

interface Account {
  /** Requests per second that are let through; a change comes after so many seconds. */
  readonly rate: (seconds: number) => number;
  readonly latency: number;
  readonly retryAfter?: number;
}

/** Sends requests through the gate to an account with a token bucket. */
async function load(account: Account, concurrency: number, requests: number) {
  const clock = new SimulatedClock();
  const gate = new RequestGate({ concurrency, clock, random: () => 0.5 });
  let tokens = Math.max(1, account.rate(0));
  let filledAt = 0;
  let answered = 0;
  let refused = 0;
  let running = 0;
  let mostRunning = 0;
  const answers: number[] = [];
  const admit = (): boolean => {
    const rate = account.rate(clock.now() / 1_000);
    tokens = Math.min(Math.max(1, rate), tokens + (rate * (clock.now() - filledAt)) / 1_000);
    filledAt = clock.now();
    if (tokens < 1) {
      return false;
    }
    tokens -= 1;
    return true;
  };
  const worker = async (): Promise<void> => {
    while (answered < requests) {
      const entered = await gate.enter();
      running += 1;
      mostRunning = Math.max(mostRunning, running);
      const admitted = admit();
      await clock.sleep(admitted ? account.latency : 20);
      running -= 1;
      if (admitted) {
        answered += 1;
        answers.push(clock.now() / 1_000);
        gate.leave(entered);
      } else {
        refused += 1;
        gate.refuse(entered, account.retryAfter, 60_000);
      }
    }
  };
  await clock.run(Promise.all(Array.from({ length: concurrency }, worker)));
  return { seconds: clock.now() / 1_000, refused, mostRunning, answers };
}

describe("without a rate limit", () => {
  test("as many requests run at once as are allowed, and no more", async () => {
    const { seconds, refused, mostRunning } = await load(
      { rate: () => 1_000, latency: 500 },
      8,
      400,
    );
    expect({ refused, mostRunning }).toEqual({ refused: 0, mostRunning: 8 });
    expect(seconds).toBeLessThan(26);
  });
});

describe("on an account with a rate limit", () => {
  test.each([
    [0.5, 200, 4],
    [2, 60, 4],
    [2, 3_000, 8],
    [2, 5_000, 8],
    [10, 200, 8],
    [2, 60, 32],
  ])(
    "of %d/s and %d ms per request, %d at once settle close to it",
    async (rate, latency, concurrency) => {
      for (const retryAfter of [undefined, 1_000]) {
        const { seconds, refused } = await load(
          { rate: () => rate, latency, ...(retryAfter ? { retryAfter } : {}) },
          concurrency,
          300,
        );
        const possible = Math.min(rate, (concurrency * 1_000) / latency);
        expect(300 / seconds / possible).toBeGreaterThan(0.84);
        expect(refused / (300 + refused)).toBeLessThan(0.1);
      }
    },
  );

  test("that becomes lower and higher, the pace follows within minutes", async () => {
    const { answers } = await load(
      { rate: (seconds) => (seconds < 120 ? 8 : seconds < 300 ? 1 : 8), latency: 200 },
      4,
      2_500,
    );
    const between = (from: number, to: number) =>
      answers.filter((at) => at >= from && at < to).length / (to - from);
    expect(between(60, 120)).toBeGreaterThan(7);
    expect(between(200, 300)).toBeGreaterThan(0.85);
    expect(between(420, 480)).toBeGreaterThan(6);
  });
});

describe("a refusal", () => {
  test("holds up everybody for as long as the server asks", async () => {
    const { answers } = await load(
      { rate: (s) => (s < 10 ? 0 : 100), latency: 10, retryAfter: 7_000 },
      4,
      8,
    );
    // The bucket has one token at the start; the rest comes when two pauses are over.
    expect(answers[1]).toBeGreaterThanOrEqual(14);
  });
});
