/** What escapes in JSON strings stand for. */

import {
  backslash,
  backspace,
  carriageReturn,
  formFeed,
  letterB,
  letterF,
  letterN,
  letterR,
  letterT,
  letterU,
  lineFeed,
  tab,
} from "./ascii";
import { byteAt, hexDigit } from "./json-scanner";

/** U+FFFD. */
export const replacement: u32 = 0xfffd;

/** Length of `\u00e9`. */
const longEscape: usize = 6;

/** The code point that an escape stands for, or that of two together. */
export function escapedCode(start: usize): u32 {
  const unit = escapedUnit(start);
  if (unit < 0xd800 || unit > 0xdfff) {
    return unit;
  }
  const end = start + longEscape;
  const low =
    byteAt(end) === backslash && byteAt(end + 1) === letterU ? escapedUnit(end) : <u32>0;
  // A lone surrogate has no form in UTF-8.
  return unit <= 0xdbff && low >= 0xdc00 && low <= 0xdfff
    ? 0x10000 + ((unit - 0xd800) << 10) + (low - 0xdc00)
    : replacement;
}

export function escapeLength(start: usize, code: u32): usize {
  if (byteAt(start + 1) !== letterU) {
    return 2;
  }
  return code < 0x10000 ? longEscape : 2 * longEscape;
}

/** The UTF-16 code unit that an escape stands for. */
function escapedUnit(start: usize): u32 {
  const letter = byteAt(start + 1);
  switch (letter) {
    case letterB:
      return backspace;
    case letterF:
      return formFeed;
    case letterN:
      return lineFeed;
    case letterR:
      return carriageReturn;
    case letterT:
      return tab;
    case letterU:
      break;
    default:
      return letter;
  }
  let unit: u32 = 0;
  for (let digit = start + 2; digit < start + 6; digit++) {
    unit = (unit << 4) | hexDigit(byteAt(digit));
  }
  return unit;
}
