import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  addPage,
  cutTimes,
  halvingTime,
  newSlice,
  release,
  type Slice,
  take,
} from "../../src/slices/slice.js";
import { SliceQueue } from "../../src/slices/slice-queue.js";
import { times } from "../support/random-numbers.js";

const second = 1_000;
const perPage = 100;

/** Of a page that has nothing in common with others. */
const alone = { bytes: 0, tooNew: 0, tooOld: 0, doubled: [], shifted: false };

/** Slices must follow one another from the newest to the oldest, without a gap or an overlap. */
function expectPartition(slices: readonly Slice[], from: number, to: number): void {
  expect(slices[0]?.to).toBe(to);
  expect(slices.at(-1)?.from).toBe(from);
  for (const [index, slice] of slices.entries()) {
    expect(slice.from).toBeLessThan(slice.to);
    expect(slice.from % second).toBe(0);
    if (index > 0) {
      expect(slice.to).toBe(slices[index - 1]?.from);
    }
  }
  expect(new Set(slices.map(({ id }) => id)).size).toBe(slices.length);
}

function fetchPage(slice: Slice, events: number, oldest: number, totalCount?: number): void {
  take(slice);
  addPage(slice, { ...alone, events, oldest, totalCount, next: "x" });
}

function fetchLastPage(slice: Slice): void {
  const { oldest } = slice;
  addPage(slice, { ...alone, events: 0, oldest, totalCount: slice.count, next: undefined });
}

describe("a plan", () => {
  test("has slices of five pages, newest first", () => {
    const slices = SliceQueue.plan(0, 100 * second, 2_000, perPage, 1);
    expect(slices.map(({ from, to, expected }) => [from / second, to / second, expected])).toEqual([
      [75, 100, 500],
      [50, 75, 500],
      [25, 50, 500],
      [0, 25, 500],
    ]);
  });

  test("of a few pages is one slice", () => {
    expect(SliceQueue.plan(0, 100 * second, 999, perPage, 4)).toHaveLength(1);
    expect(SliceQueue.plan(0, 100 * second, 0, perPage, 4)).toHaveLength(1);
  });

  test("has no slice shorter than a second", () => {
    const slices = SliceQueue.plan(0, 2 * second, 1_000_000, perPage, 4);
    expectPartition(slices, 0, 2 * second);
    expect(slices).toHaveLength(2);
  });
});

describe("a slice that is much larger than planned", () => {
  test("is cut into planned ones below what has been fetched of it", () => {
    const queue = new SliceQueue(
      SliceQueue.plan(0, 1_000 * second, 10_000, perPage, 1),
      10_000,
      perPage,
    );
    const [slice] = queue.slices as [Slice];
    fetchPage(slice, 100, 999_500, 2_000);
    const cut = queue.cutTooLarge(slice, 1);
    expectPartition(queue.slices, 0, 1_000 * second);
    expect(cut?.added).toHaveLength(3);
    expect(slice.from).toBeLessThan(slice.oldest);
    expect(slice.queryFrom).toBe(950 * second);
  });

  test("is halved towards the end, where others would wait for it", () => {
    const begun = (totalCount: number) => {
      const queue = new SliceQueue(
        [newSlice(1, 500 * second, 1_000 * second, 1_000), newSlice(0, 0, 500 * second, 1_000)],
        2_000,
        perPage,
      );
      const slice = queue.take(2) as Slice;
      addPage(slice, { ...alone, events: 100, oldest: 900 * second, totalCount, next: "x" });
      return { queue, slice };
    };
    const small = begun(900);
    expect(small.queue.cutTooLarge(small.slice, 2)).toBeUndefined();
    const { queue, slice } = begun(1_900);
    expect(queue.cutTooLarge(slice, 2)?.added).toHaveLength(1);
    expectPartition(queue.slices, 0, 1_000 * second);
    expect(slice.from).toBe(700 * second);
  });

  test("is halved within the burst that it is in", () => {
    const slice = newSlice(0, 0, 100_000 * second, 1_000);
    addPage(slice, { ...alone, events: 100, oldest: 50_000 * second, totalCount: 900, next: "x" });
    addPage(slice, { ...alone, events: 100, oldest: 49_990 * second, totalCount: 900, next: "x" });
    // Seven pages are left, at ten seconds each.
    expect(halvingTime(slice, perPage)).toBe(49_955 * second);
  });

  test("is left as it is where its events are all in one second", () => {
    const queue = new SliceQueue([newSlice(0, 0, second, 5_000)], 5_000, perPage);
    const slice = queue.take(4) as Slice;
    fetchPage(slice, 100, 500);
    expect(queue.cutTooLarge(slice, 4)).toBeUndefined();
    expect(queue.share()).toBeUndefined();
  });
});

describe("the next page", () => {
  test("is of the newest slice that is begun, while there are many", () => {
    const queue = new SliceQueue(
      SliceQueue.plan(0, 1_000 * second, 10_000, perPage, 1),
      10_000,
      perPage,
    );
    const first = queue.take(2) as Slice;
    expect(first.to).toBe(1_000 * second);
    addPage(first, { ...alone, events: 100, oldest: 990 * second, totalCount: 600, next: "x" });
    release(first);
    expect(queue.take(2)).toBe(first);
    expect(queue.take(2)?.to).toBe(950 * second);
  });

  test("is towards the end the first of a slice that nobody has seen into, then of the largest", () => {
    const [a, b, c] = [newSlice(2, 60, 90, 500), newSlice(1, 30, 60, 500), newSlice(0, 0, 30, 500)];
    const queue = new SliceQueue([a, b, c], 1_500, perPage);
    const fetched = [];
    const counts = new Map([
      [a, 200],
      [b, 300],
      [c, 600],
    ]);
    for (let slice = queue.take(2); slice; slice = queue.take(2)) {
      fetched.push(slice);
      const left = (counts.get(slice) ?? 0) - slice.events - 100;
      const next = left > 0 ? "x" : undefined;
      const totalCount = counts.get(slice);
      release(slice);
      addPage(slice, { ...alone, events: 100, oldest: slice.oldest - 1, totalCount, next });
    }
    expect(fetched.slice(0, 3)).toEqual([a, b, c]);
    expect(fetched.slice(3, 6)).toEqual([c, c, c]);
  });

  test("is of the slice that takes as long as all the rest, where there is one", () => {
    const [a, b] = [newSlice(1, 30, 60, 500), newSlice(0, 0, 30, 500)];
    const queue = new SliceQueue([a, b], 1_500, perPage);
    queue.take(2);
    addPage(a, { ...alone, events: 100, oldest: 50, totalCount: 5_000, next: "x" });
    release(a);
    expect(queue.take(2)).toBe(a);
  });
});

test("slices of a second that has been fetched in part stay with who fetches it", () => {
  expect(cutTimes(0, 10_500, 2)).toEqual([5_000]);
  expect(cutTimes(9_000, 10_500, 2)).toEqual([]);
  expect(cutTimes(9_000, 10_000, 2)).toEqual([]);
});

test("however slices are taken, cut, shared and joined, they are disjoint and cover the range, at a bounded price", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 10_000 }),
      fc.integer({ min: 0, max: 200_000 }),
      fc.array(fc.tuple(fc.nat(5), fc.nat(100), fc.nat(1_000)), { maxLength: 200 }),
      (length, count, actions) => {
        const to = length * second;
        const queue = new SliceQueue(SliceQueue.plan(0, to, count, perPage, 4), count, perPage);
        for (const [action, which, amount] of actions) {
          const running = queue.slices.filter(({ state }) => state === "running");
          const slice = running[which % Math.max(1, running.length)];
          if (action === 0) {
            queue.take(4);
          } else if (action === 1 && slice) {
            const step = Math.ceil(((slice.oldest - slice.from) * amount) / 2_000);
            const oldest = Math.max(slice.from, slice.oldest - step);
            fetchPage(slice, Math.min(perPage, amount), oldest, amount * 20);
          } else if (action === 2 && slice && slice.pages > 0) {
            fetchLastPage(slice);
          } else if (action === 3 && slice && slice.pages > 0) {
            queue.cutTooLarge(slice, 4);
          } else if (action === 4) {
            queue.share();
          } else {
            queue.join(1 + (which % 4));
          }
          expectPartition(queue.slices, 0, to);
        }
        const pages = Math.max(1, Math.ceil(count / perPage));
        const spent = queue.slices.reduce(
          (sum, { state, pages, events }) =>
            sum + (state === "done" ? pages - events / perPage : 1),
          0,
        );
        const wasted = queue.slices
          .filter(({ state }) => state === "done")
          .reduce((sum, { pages, events }) => sum + Math.max(0, pages - events / perPage - 1), 0);
        expect(spent - wasted).toBeLessThanOrEqual(Math.max(1, 0.25 * pages));
      },
    ),
    { numRuns: times(60, 300) },
  );
});
