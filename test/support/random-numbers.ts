/**
 * A seed for random tests: that in SEED, to repeat a run, or another one each time. A test that uses it
 * has it in its name, so that a failure tells it.
 */
export const seed = Number(process.env.SEED ?? Date.now() % 1e9);

/**
 * How often a random test tries, where one is not enough: a few times in `npm test`, and as often as is
 * worth it in `npm run test:long`.
 */
export function times(few: number, many: number): number {
  return process.env.LONG === "1" ? many : few;
}

/**
 * Some of the variants that repeat a test: others for each seed, in their order. All of them in
 * `npm run test:long`.
 */
export function sample<T>(variants: readonly T[], count: number): T[] {
  const left = [...variants.keys()];
  const random = randomNumbers(seed);
  while (left.length > times(count, variants.length)) {
    left.splice(random(left.length), 1);
  }
  return left.map((index) => variants[index] as T);
}

/** Whole numbers from 0; the same for the same seed (mulberry32). */
export function randomNumbers(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
  };
}
