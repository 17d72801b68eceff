/** Writes an event as a field of CSV: as it was sent, on one line. */

import {
  bar,
  carriageReturn,
  comma,
  commercialAt,
  equals,
  lineFeed,
  minus,
  plus,
  quote,
  semicolon,
  space,
} from "./ascii";
import { writeOnOneLine } from "./event-text";
import { codeAt, fullWidthByte, leadsFormula, writeApostrophe } from "./formula";
import { byteAt, stringEnd } from "./json-scanner";
import { writeByte } from "./output";
import { writeDoublingQuotes } from "./quoting";
import { delimiter, escapesFormulas, fieldQuote, quotesText } from "./settings";
import { splat } from "./splats";

/**
 * How eight bytes are spread where quotes are written twice: for each set of places where quotes can be,
 * which byte comes from where.
 */
const spreads: usize = memory.data(256 * 16, 16);

export function openEventFields(): void {
  for (let quotes: u32 = 0; quotes < 256; quotes++) {
    let to = spreads + 16 * quotes;
    for (let place: u32 = 0; place < 8; place++) {
      to = writeByte(place, to);
      if ((quotes & (1 << place)) !== 0) {
        to = writeByte(place, to);
      }
    }
  }
}

/** Writes the field of a valid event: at most two bytes for each of its bytes. */
export function writeEvent(start: usize, end: usize, opening: usize): usize {
  const quoted = quotesText || needsQuotesWithin(start, end);
  const to = writeInside(start, end, quoted ? writeByte(fieldQuote, opening) : opening);
  return quoted ? writeByte(fieldQuote, to) : to;
}

function needsQuotesWithin(start: usize, end: usize): bool {
  for (let at = start; at < end; at++) {
    const byte = byteAt(at);
    if (byte === fieldQuote || byte === delimiter) {
      return true;
    }
  }
  return false;
}

function writeInside(start: usize, end: usize, opening: usize): usize {
  if (escapesFormulas) {
    stringsUntil = start;
    return writeText(true, start, end, opening);
  }
  return fieldQuote === quote
    ? writeText(false, start, end, opening)
    : writeOnOneLine(start, end, opening);
}

/** Sixteen bytes at a time: up to 23 more are read, and up to 31 written. */
@inline
function writeText(escapes: bool, start: usize, end: usize, opening: usize): usize {
  let to = opening;
  let index = start;
  let quotes: i32 = 0;
  while (index < end) {
    const bytes = v128.load(index);
    let rare = v128.or(
      i8x16.eq(bytes, splat(lineFeed)),
      i8x16.eq(bytes, splat(carriageReturn)),
    );
    if (escapes) {
      rare = v128.or(rare, possibleFormulas(bytes, v128.load(index - 1)));
    }
    if (v128.any_true(rare)) {
      const next = min(index + 16, end);
      to = writeByByte(index, next, opening, to);
      index = next;
      continue;
    }
    quotes = i8x16.bitmask(i8x16.eq(bytes, splat(fieldQuote)));
    to = writeSpread(bytes, quotes & 0xff, to);
    to = writeSpread(v128.load(index + 8), quotes >> 8, to);
    index += 16;
  }
  // What stands behind the event was written with its last bytes.
  const beyond = index - end;
  return to - beyond - popcnt(quotes >> (16 - <i32>beyond));
}

@inline
function writeSpread(bytes: v128, quotes: i32, to: usize): usize {
  v128.store(to, i8x16.swizzle(bytes, v128.load(spreads + 16 * quotes)));
  return to + 8 + popcnt(quotes);
}

/** Where something may be in front of which an apostrophe has to stand, by the bytes before. */
@inline
function possibleFormulas(bytes: v128, before: v128): v128 {
  const equal = i8x16.eq(bytes, splat(equals));
  const signs = v128.or(
    v128.or(
      v128.or(equal, i8x16.eq(bytes, splat(commercialAt))),
      v128.or(i8x16.eq(bytes, splat(plus)), i8x16.eq(bytes, splat(minus))),
    ),
    i8x16.eq(bytes, splat(fullWidthByte)),
  );
  const openers = v128.or(
    v128.or(
      i8x16.eq(before, splat(quote)),
      i8x16.eq(before, splat(comma)),
    ),
    v128.or(
      i8x16.eq(before, splat(semicolon)),
      i8x16.eq(before, splat(bar)),
    ),
  );
  return v128.or(
    v128.and(signs, openers),
    v128.and(equal, i8x16.eq(before, splat(space))),
  );
}

function writeByByte(start: usize, end: usize, opening: usize, textEnd: usize): usize {
  let to = textEnd;
  for (let at = start; at < end; at++) {
    const byte = byteAt(at);
    if (byte === lineFeed || byte === carriageReturn) {
      continue;
    }
    if (escapesFormulas) {
      const code = codeAt(at);
      // Of all that leads a formula, a number can begin with a minus, and runs nothing.
      if (leadsFormula(code) && (byte !== minus || isInString(at))) {
        to = writeApostrophe(code, opening, to);
      }
    }
    to = writeDoublingQuotes(byte, to);
  }
  return to;
}

/** How far the event's strings are known: an address outside of them. */
let stringsUntil: usize = 0;

/** Whether a byte, which is no quote, is part of a string; to be asked from the event's first byte on. */
function isInString(at: usize): bool {
  while (stringsUntil <= at) {
    while (stringsUntil < at && byteAt(stringsUntil) !== quote) {
      stringsUntil++;
    }
    if (stringsUntil === at) {
      return false;
    }
    stringsUntil = stringEnd(stringsUntil);
  }
  return true;
}
