import { describe, expect, test } from "vitest";
import { ArrivalRate } from "../../src/cli/progress/arrival-rate.js";
import { VirtualClock } from "../support/virtual-clock.js";

/** Pages that arrive so many milliseconds after one another. */
async function receive(
  pages: readonly { readonly after: number; readonly events: number }[],
  clock = new VirtualClock(),
) {
  const rate = new ArrivalRate(clock);
  let arrived = 0;
  for (const { after, events } of pages) {
    await clock.sleep(after);
    arrived += events;
    rate.add(arrived);
  }
  return { rate, clock };
}

function pages(count: number, after: number, events: number) {
  return Array.from({ length: count }, () => ({ after, events }));
}

describe("nothing is said", () => {
  test.each([
    ["before anything has arrived", []],
    ["after the first page, which was long in coming", pages(1, 8_000, 10_000)],
    ["while pages that were asked for together arrive", [...pages(1, 5_000, 1), ...pages(3, 9, 1)]],
    ["before twice the time of the first page is over", pages(3, 5_000, 10_000).slice(0, 2)],
    ["within two seconds", pages(20, 100, 10_000)],
  ])("%s", async (_, arrivals) => {
    const { rate } = await receive(arrivals);
    expect([rate.perSecond(), rate.timeLeft(1_000)]).toEqual([undefined, undefined]);
  });
});

test("the time before the first page is no part of the rate", async () => {
  const { rate } = await receive([{ after: 4_000, events: 500 }, ...pages(100, 100, 50)]);
  expect(rate.perSecond()).toBeCloseTo(500);
  expect(rate.timeLeft(5_000)).toBeCloseTo(10_000);
});

test("pages that come four at a time are not taken for more than they are", async () => {
  const burst = [{ after: 5_000, events: 10_000 }, ...pages(3, 0, 10_000)];
  const { rate } = await receive([...burst, ...burst, ...burst, ...burst]);
  // True are 8,000.
  expect(rate.perSecond()).toBeGreaterThan(6_000);
  expect(rate.perSecond()).toBeLessThan(12_000);
});

test("what was half a minute ago counts no more", async () => {
  const { rate } = await receive([...pages(100, 100, 10_000), ...pages(31, 1_000, 100)]);
  expect(rate.perSecond()).toBeCloseTo(100);
});

test("it falls while nothing arrives, and nobody can tell when nothing has for half a minute", async () => {
  const { rate, clock } = await receive(pages(300, 100, 100));
  expect(rate.perSecond()).toBeGreaterThan(990);
  await clock.sleep(15_000);
  expect(rate.perSecond()).toBeLessThan(510);
  await clock.sleep(15_000);
  expect([rate.perSecond(), rate.timeLeft(1)]).toEqual([0, undefined]);
});

test("what is fetched again begins anew", async () => {
  const clock = new VirtualClock();
  const { rate } = await receive(pages(100, 100, 100), clock);
  rate.add(100);
  expect(rate.perSecond()).toBeUndefined();
  for (let page = 2; page <= 100; page++) {
    await clock.sleep(1_000);
    rate.add(page * 100);
  }
  expect(rate.perSecond()).toBeCloseTo(100);
});
