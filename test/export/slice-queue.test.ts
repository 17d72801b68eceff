import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { cutTimes, newSlice, type Slice } from "../../src/export/slice.js";
import { SliceQueue } from "../../src/export/slice-queue.js";

const second = 1_000;
const perPage = 100;

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

function fetchPage(slice: Slice, events: number, oldest: number): void {
  slice.state = "running";
  slice.pages += 1;
  slice.events += events;
  slice.oldest = oldest;
}

describe("a plan", () => {
  test("has slices of five pages, newest first", () => {
    const slices = SliceQueue.plan(0, 100 * second, 2_000, perPage);
    expect(slices.map(({ from, to, expected }) => [from / second, to / second, expected])).toEqual([
      [75, 100, 500],
      [50, 75, 500],
      [25, 50, 500],
      [0, 25, 500],
    ]);
  });

  test("of a few pages is one slice", () => {
    expect(SliceQueue.plan(0, 100 * second, 999, perPage)).toHaveLength(1);
    expect(SliceQueue.plan(0, 100 * second, 0, perPage)).toHaveLength(1);
  });

  test("has no slice shorter than a second", () => {
    const slices = SliceQueue.plan(0, 2 * second, 1_000_000, perPage);
    expectPartition(slices, 0, 2 * second);
    expect(slices).toHaveLength(2);
  });
});

describe("a slice that is much larger than planned", () => {
  test("is cut below what has been fetched of it", () => {
    const queue = new SliceQueue(
      SliceQueue.plan(0, 1_000 * second, 10_000, perPage),
      10_000,
      perPage,
    );
    for (const slice of queue.slices.slice(1)) {
      slice.state = "done";
    }
    const [slice] = queue.slices as [Slice];
    slice.state = "running";
    slice.count = 2_000;
    fetchPage(slice, 100, 999_500);
    const cut = queue.cutTooLarge(slice);
    expectPartition(queue.slices, 0, 1_000 * second);
    expect(cut?.added.length).toBeGreaterThan(1);
    expect(slice.from).toBeLessThan(slice.oldest);
    expect(slice.queryFrom).toBe(950 * second);
  });

  test("is left as it is where its events are all in one second", () => {
    const queue = new SliceQueue([newSlice(0, 0, second, 5_000)], 5_000, perPage);
    const slice = queue.take() as Slice;
    fetchPage(slice, 100, 500);
    expect(queue.cutTooLarge(slice)).toBeUndefined();
    expect(queue.share()).toBeUndefined();
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
        const queue = new SliceQueue(SliceQueue.plan(0, to, count, perPage), count, perPage);
        for (const [action, which, amount] of actions) {
          const running = queue.slices.filter(({ state }) => state === "running");
          const slice = running[which % Math.max(1, running.length)];
          if (action === 0) {
            queue.take();
          } else if (action === 1 && slice) {
            const step = Math.ceil(((slice.oldest - slice.from) * amount) / 2_000);
            fetchPage(slice, Math.min(perPage, amount), Math.max(slice.from, slice.oldest - step));
            slice.count ??= amount * 20;
          } else if (action === 2 && slice && slice.pages > 0) {
            slice.state = "done";
          } else if (action === 3 && slice && slice.pages > 0) {
            queue.cutTooLarge(slice);
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
    { numRuns: 300 },
  );
});
