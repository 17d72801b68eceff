/**
 * Finds where the tokens of a JSON text end, without reading more into them than that.
 *
 * Accepts what `JSON.parse` accepts. The functions take the address of a token's first byte and
 * return the address after its last one; where no such token stands they return what `fail` does.
 * The text is followed by zero bytes, which no token has, so that nothing has to look for its end.
 */

import {
  backslash,
  carriageReturn,
  closeBrace,
  colon,
  comma,
  letterA,
  letterB,
  letterE,
  letterF,
  letterN,
  letterR,
  letterT,
  letterU,
  lineFeed,
  letterZ,
  minus,
  nine,
  openBrace,
  openBracket,
  plus,
  point,
  quote,
  slash,
  space,
  tab,
  zero,
} from "./ascii";

/** Literals' first four bytes, as a 32-bit load reads them. */
const nullWord: u32 = 0x6c6c756e;
const trueWord: u32 = 0x65757274;
const falseWord: u32 = 0x736c6166;

/** Deeper values are left to the reference converter. */
const mostDepth: i32 = 4096;
/** What closes the containers around the current one. */
const closers: usize = memory.data(mostDepth);

let failedAt: usize = 0;

/** Notes where no token stands. Returns 0, which is no address of a text. */
export function fail(at: usize): usize {
  failedAt = at;
  return 0;
}

/** Where the last scan failed. */
export function failure(): usize {
  return failedAt;
}

@inline
export function byteAt(at: usize): u32 {
  return load<u8>(at);
}

/** Skips white space, if there is any. */
@inline
export function spaceEnd(start: usize): usize {
  // Mostly there is none, and this one test tells.
  return byteAt(start) > space ? start : longSpaceEnd(start);
}

function longSpaceEnd(start: usize): usize {
  let end = start;
  while (true) {
    const byte = byteAt(end);
    if (byte !== space && byte !== lineFeed && byte !== carriageReturn && byte !== tab) {
      return end;
    }
    end++;
  }
}

/** The end of a value of any type. */
@inline
export function valueEnd(start: usize): usize {
  const first = byteAt(start);
  if (first === quote) {
    return stringEnd(start);
  }
  return first === openBrace || first === openBracket ? containerEnd(start) : scalarEnd(start);
}

@inline
export function stringEnd(start: usize): usize {
  if (byteAt(start) !== quote) {
    return fail(start);
  }
  let end = plainEnd(start + 1);
  while (byteAt(end) === backslash) {
    end = escapeEnd(end);
    if (end === 0) {
      return 0;
    }
    end = plainEnd(end);
  }
  return byteAt(end) === quote ? end + 1 : fail(end);
}

/** From the end of a member's key to the first byte of its value. */
@inline
export function afterColon(keyEnd: usize): usize {
  const end = spaceEnd(keyEnd);
  return byteAt(end) === colon ? spaceEnd(end + 1) : fail(end);
}

/** From the end of an item or member to the comma or bracket that has to follow. */
@inline
export function itemEnd(start: usize, closer: u32): usize {
  const end = spaceEnd(start);
  const byte = byteAt(end);
  return byte === comma || byte === closer ? end : fail(end);
}

/** Goes to the first byte of a string that ends it, has to be escaped, or is an escape. */
@inline
function plainEnd(start: usize): usize {
  let end = start;
  while (true) {
    const bytes = v128.load(end);
    const stops = i8x16.bitmask(
      v128.or(
        v128.or(
          i8x16.eq(bytes, i8x16.splat(<i8>quote)),
          i8x16.eq(bytes, i8x16.splat(<i8>backslash)),
        ),
        i8x16.lt_u(bytes, i8x16.splat(<i8>space)),
      ),
    );
    if (stops !== 0) {
      return end + ctz(stops);
    }
    end += 16;
  }
}

function escapeEnd(start: usize): usize {
  switch (byteAt(start + 1)) {
    case quote:
    case backslash:
    case slash:
    case letterB:
    case letterF:
    case letterN:
    case letterR:
    case letterT:
      return start + 2;
    case letterU:
      break;
    default:
      return fail(start + 1);
  }
  for (let digit = start + 2; digit < start + 6; digit++) {
    if (hexDigit(byteAt(digit)) < 0) {
      return fail(digit);
    }
  }
  return start + 6;
}

/** The number that a hexadecimal digit stands for, or -1. */
export function hexDigit(byte: u32): i32 {
  if (byte >= zero && byte <= nine) {
    return byte - zero;
  }
  const letter = (byte | 0x20) - 0x61;
  return letter < 6 ? letter + 10 : -1;
}

/** The end of a number, `true`, `false` or `null`. */
function scalarEnd(start: usize): usize {
  const first = byteAt(start);
  if (first === minus || isDigit(first)) {
    return numberEnd(start);
  }
  const word = load<u32>(start);
  if (word === nullWord || word === trueWord) {
    return start + 4;
  }
  if (word === falseWord && byteAt(start + 4) === letterE) {
    return start + 5;
  }
  // A literal may be cut off by the end of the text.
  let end = start;
  while (byteAt(end) >= letterA && byteAt(end) <= letterZ) {
    end++;
  }
  return fail(byteAt(end) === 0 ? end : start);
}

function isDigit(byte: u32): bool {
  return byte - zero < 10;
}

function numberEnd(start: usize): usize {
  let end = byteAt(start) === minus ? start + 1 : start;
  end = byteAt(end) === zero ? end + 1 : digitsEnd(end);
  if (end !== 0 && byteAt(end) === point) {
    end = digitsEnd(end + 1);
  }
  if (end !== 0 && (byteAt(end) | 0x20) === letterE) {
    const sign = byteAt(end + 1);
    end = digitsEnd(sign === plus || sign === minus ? end + 2 : end + 1);
  }
  return end;
}

/** One digit or more. */
function digitsEnd(start: usize): usize {
  let end = start;
  while (isDigit(byteAt(end))) {
    end++;
  }
  return end === start ? fail(start) : end;
}

/** The end of an object or array, without recursion. */
function containerEnd(start: usize): usize {
  let depth: i32 = 0;
  let closer: u32 = 0;
  let end = start;
  while (true) {
    const first = byteAt(end);
    if (first === openBrace || first === openBracket) {
      if (depth === mostDepth) {
        return fail(start);
      }
      store<u8>(closers + depth++, closer);
      // Either opening bracket is two before the closing one.
      closer = first + 2;
      end = spaceEnd(end + 1);
      if (byteAt(end) !== closer) {
        if (closer === closeBrace) {
          end = keyEnd(end);
          if (end === 0) {
            return 0;
          }
        }
        continue;
      }
    } else {
      end = first === quote ? stringEnd(end) : scalarEnd(end);
      if (end === 0) {
        return 0;
      }
    }

    end = spaceEnd(end);
    while (byteAt(end) === closer) {
      end++;
      closer = load<u8>(closers + --depth);
      if (depth === 0) {
        return end;
      }
      end = spaceEnd(end);
    }
    if (byteAt(end) !== comma) {
      return fail(end);
    }
    end = spaceEnd(end + 1);
    if (closer === closeBrace) {
      end = keyEnd(end);
      if (end === 0) {
        return 0;
      }
    }
  }
}

/** From a member's key to its value. */
function keyEnd(start: usize): usize {
  const end = stringEnd(start);
  return end === 0 ? 0 : afterColon(end);
}
