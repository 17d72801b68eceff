/** Copies what may stand in a field as it was sent. */

import { backslash, bar, comma, quote, semicolon } from "./ascii";
import { mayBegin } from "./formula";
import { byteAt } from "./json-scanner";
import { delimiter, escapesFormulas } from "./settings";

/** Where copying stops, outside and inside of quotes. */
const stops: usize = memory.data(16, 16);
const stopsInQuotes: usize = memory.data(16, 16);

export function openStops(): void {
  fillStops(stops, delimiter);
  fillStops(stopsInQuotes, backslash);
}

/**
 * Fills the table of bytes that copying stops at: in the place of a byte's upper four bits stands the
 * only one that is meant.
 */
function fillStops(table: usize, delimiterByte: u32): void {
  memory.fill(table, 0, 16);
  storeStop(table, delimiterByte);
  storeStop(table, backslash);
  if (escapesFormulas) {
    storeStop(table, comma);
    storeStop(table, semicolon);
    storeStop(table, bar);
  }
}

function storeStop(table: usize, byte: u32): void {
  store<u8>(table + (byte >> 4), byte);
}

/**
 * Copies up to the first backslash, or quote in JSON, or delimiter that asks for quotes, or to what may
 * begin a formula behind a separator. Returns its address, or else `end`.
 */
@inline
export function copyUntil(inJson: bool, quoted: bool, start: usize, end: usize, to: usize): usize {
  const table = v128.load(quoted ? stopsInQuotes : stops);
  let index = start;
  while (index < end) {
    const bytes = v128.load(index);
    v128.store(to + (index - start), bytes);
    let matches = i8x16.eq(i8x16.swizzle(table, i8x16.shr_u(bytes, 4)), bytes);
    if (inJson) {
      matches = v128.or(matches, i8x16.eq(bytes, i8x16.splat(<i8>quote)));
    }
    for (let mask = i8x16.bitmask(matches); mask !== 0; mask &= mask - 1) {
      const at = index + ctz(mask);
      if (at >= end) {
        return end;
      }
      const byte = byteAt(at);
      if (byte === backslash || byte === quote || (byte === delimiter && !quoted)) {
        return at;
      }
      if (mayBegin(at + 1)) {
        return at + 1;
      }
    }
    index += 16;
  }
  return end;
}
