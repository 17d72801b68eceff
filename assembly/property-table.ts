/**
 * Tells which property a key of an event stands for.
 *
 * Properties are numbers: first those that are wanted, then `other`, which stands for every key
 * without a number of its own, `start`, which comes before the first key of an event, and what
 * answers turn out to have. Since events of a type have much the same keys in the same order, the keys
 * that followed a key before are tried before any look-up.
 */

import { backslash, colon } from "./ascii";
import { hashBytes, isSame } from "./hash-bytes";
import { propertyOfKey } from "./host";
import { keyRoom, mostLearnt, mostProperties } from "./limits";
import { propertyCount } from "./settings";

/** The key with its quotes and the colon. */
const keyTexts: usize = memory.data(mostProperties * keyRoom, 16);
/** The size of that; 0 for a property that has no spelling, and is never predicted. */
const keyLengths: usize = memory.data(mostProperties * 4, 4);
const keyHashes: usize = memory.data(mostProperties * 4, 4);
/** The two properties seen last after each property. */
const followers: usize = memory.data(mostProperties * 8, 4);
/** Open addressing: one more than the property, or 0. At least twice as many as there are properties. */
const slotCount: u32 = 8192;
const slots: usize = memory.data(slotCount * 4, 4);
/** As many bytes of ones as a text has, and zeros, from an address in the middle. */
const masks: usize = memory.data(64, 16);

let other: i32 = 0;
let count: i32 = 0;
let end: i32 = 0;

export function openProperties(): void {
  other = propertyCount;
  count = propertyCount + 2;
  end = count + mostLearnt;
  memory.fill(masks, 0xff, 32);
  for (let property = 0; property < end; property++) {
    store<i32>(followers + 8 * property, other, 0);
    store<i32>(followers + 8 * property, other, 4);
  }
}

@inline
export function otherProperty(): i32 {
  return other;
}

export function firstProperty(): i32 {
  return other + 1;
}

/** Adds the key of a wanted property, from its opening quote to after its closing quote. */
export function addKey(property: i32, start: usize, keyEnd: usize): void {
  add(property, start, keyEnd, hashBytes(start, keyEnd));
}

/** The length of a predicted key with its colon. */
@inline
export function keyLength(property: i32): usize {
  return load<u32>(keyLengths + 4 * property);
}

/** The property whose key and colon stand here, or `other` if the guesses are wrong. */
@inline
export function predict(at: usize, previous: i32): i32 {
  const guesses = followers + 8 * previous;
  const first = load<i32>(guesses, 0);
  if (standsAt(at, first)) {
    return first;
  }
  const second = load<i32>(guesses, 4);
  return standsAt(at, second) ? second : other;
}

@inline
function standsAt(at: usize, property: i32): bool {
  const length = keyLength(property);
  const text = keyTexts + keyRoom * property;
  if (length <= 32) {
    return length !== 0 && isMasked(at, text, masks + 32 - length);
  }
  return isMasked(at, text, masks) && isMasked(at + 32, text + 32, masks + 64 - length);
}

/** Compares 32 bytes where the mask has ones. */
@inline
function isMasked(one: usize, another: usize, mask: usize): bool {
  const low = v128.and(v128.xor(v128.load(one), v128.load(another)), v128.load(mask));
  const high = v128.and(
    v128.xor(v128.load(one, 16), v128.load(another, 16)),
    v128.load(mask, 16),
  );
  return !v128.any_true(v128.or(low, high));
}

/** Looks up the key from its opening quote to after its closing quote. */
export function find(start: usize, keyEnd: usize, previous: i32): i32 {
  const property = hasEscape(start, keyEnd)
    ? propertyOfKey(start, keyEnd)
    : findBytes(start, keyEnd);
  const guesses = followers + 8 * previous;
  store<i32>(guesses, load<i32>(guesses, 0), 4);
  store<i32>(guesses, property, 0);
  return property;
}

function findBytes(start: usize, keyEnd: usize): i32 {
  const hash = hashBytes(start, keyEnd);
  const length = keyEnd - start + 1;
  let slot = hash & (slotCount - 1);
  while (true) {
    const property = load<i32>(slots + 4 * slot) - 1;
    if (property === -1) {
      break;
    }
    if (
      load<u32>(keyHashes + 4 * property) === hash &&
      keyLength(property) === length &&
      isSame(keyTexts + keyRoom * property, start, length - 1)
    ) {
      return property;
    }
    slot = (slot + 1) & (slotCount - 1);
  }
  if (count === end || length > <usize>keyRoom) {
    return propertyOfKey(start, keyEnd);
  }
  add(count, start, keyEnd, hash);
  return count++;
}

function add(property: i32, start: usize, keyEnd: usize, hash: u32): void {
  const length = keyEnd - start;
  const text = keyTexts + keyRoom * property;
  memory.copy(text, start, length);
  store<u8>(text + length, colon);
  store<u32>(keyLengths + 4 * property, length + 1);
  store<u32>(keyHashes + 4 * property, hash);
  let slot = hash & (slotCount - 1);
  while (load<i32>(slots + 4 * slot) !== 0) {
    slot = (slot + 1) & (slotCount - 1);
  }
  store<i32>(slots + 4 * slot, property + 1);
}

/** Whether a JSON string has an escape in it. */
export function hasEscape(start: usize, textEnd: usize): bool {
  for (let at = start; at < textEnd; at++) {
    if (load<u8>(at) === <u8>backslash) {
      return true;
    }
  }
  return false;
}
