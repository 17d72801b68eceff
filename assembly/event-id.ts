/** Hashes `event_id`s as `src/pages/event-id.ts` does, by which an event is known again. */

import { backslash, minus, nine, quote, zero } from "./ascii";
import { eventIdOf } from "./host";
import { byteAt } from "./json-scanner";

const seed: u64 = 0x9e3779b97f4a7c15;
const factor: u64 = 0xff51afd7ed558ccd;
const otherFactor: u64 = 0xc4ceb9fe1a85ec53;

/** As many bytes of ones as a rest of a text has, and zeros, from an address in the middle. */
const masks: usize = memory.data(32, 16);

export function openEventIds(): void {
  memory.fill(masks, 0xff, 16);
}

/** The hash of a string or number; 0 where the value is something else, or empty. */
export function hashEventId(start: usize, end: usize): f64 {
  const first = byteAt(start);
  if (first === quote) {
    const hash = hashText(start + 1, end - 1);
    return hash < 0 ? eventIdOf(start, end) : hash;
  }
  return first === minus || (first >= zero && first <= nine) ? hashText(start, end) : 0;
}

/** -1 where there is an escape in the text. */
function hashText(start: usize, end: usize): f64 {
  if (start === end) {
    return 0;
  }
  const backslashes = i8x16.splat(<i8>backslash);
  let escapes = i64x2.splat(0);
  let hash = seed ^ <u64>(end - start);
  // The last bytes have a block of their own, so that none lies beyond the end.
  const last = start + ((end - start - 1) & ~15);
  for (let at = start; at < last; at += 16) {
    const block = v128.load(at);
    escapes = v128.or(escapes, i8x16.eq(block, backslashes));
    hash = add(hash, block);
  }
  const rest = v128.and(v128.load(last), v128.load(masks + 16 - (end - last)));
  escapes = v128.or(escapes, i8x16.eq(rest, backslashes));
  return v128.any_true(escapes) ? -1 : <f64>(add(hash, rest) >> 12) + 1;
}

@inline
function add(hash: u64, block: v128): u64 {
  const product =
    (hash ^
      (v128.extract_lane<u64>(block, 0) * otherFactor) ^
      rotl<u64>(v128.extract_lane<u64>(block, 1) * factor, 32)) *
    factor;
  return product ^ (product >> 32);
}
