/**
 * Randomness without state: every value follows from a key (of a message, an event, ...) and the
 * topic it is drawn for, so any event can be made at any time, alone and in any order.
 */

import { mix } from "../mix.js";

const topicNumbers = new Map<string, number>();

function numberOf(topic: string): number {
  let number = topicNumbers.get(topic);
  if (number === undefined) {
    number = Array.from(topic).reduce((hash, letter) => mix(hash, letter.charCodeAt(0)), 0);
    topicNumbers.set(topic, number);
  }
  return number;
}

/** A 32-bit integer; draws for different topics do not depend on each other. */
export function draw(key: number, topic: string): number {
  return mix(key, numberOf(topic));
}

/** A number from 0 inclusive to 1 exclusive. */
export function fraction(key: number, topic: string): number {
  return draw(key, topic) / 2 ** 32;
}

/** Whether something with this probability (0 to 1) happens. */
export function happens(key: number, topic: string, probability: number): boolean {
  return fraction(key, topic) < probability;
}

/** An integer from `low` to `high`, both inclusive. */
export function between(key: number, topic: string, low: number, high: number): number {
  return low + (draw(key, topic) % (high - low + 1));
}

/** A number from `low` to `high` of which small ones are as frequent as large ones, by magnitude. */
export function logBetween(key: number, topic: string, low: number, high: number): number {
  return low * (high / low) ** fraction(key, topic);
}

export function pick<Item>(key: number, topic: string, items: readonly Item[]): Item {
  return items[draw(key, topic) % items.length]!;
}
