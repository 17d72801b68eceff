/**
 * Writes values of a valid JSON text as fields of CSV.
 *
 * Most fields need no quotes, and the others turn out to do while they are copied.
 */

import {
  apostrophe,
  backslash,
  backspace,
  carriageReturn,
  closeBrace,
  colon,
  commercialAt,
  equals,
  formFeed,
  letterA,
  letterB,
  letterF,
  letterN,
  letterR,
  letterT,
  letterU,
  lineFeed,
  minus,
  nine,
  openBrace,
  openBracket,
  plus,
  quote,
  slash,
  space,
  tab,
  zero,
} from "./ascii";
import { writeAnyJson } from "./host";
import { byteAt, hexDigit } from "./json-scanner";
import { addObjectKey, clearKeys } from "./key-set";
import { writeByte, writeBytes } from "./output";

/** The full-width forms of `=`, `+`, `-` and `@` are as far from these, and begin with one byte. */
const fullWidth: u32 = 0xfee0;
const fullWidthByte: u32 = 0xef;

/** Deeper JSON is left to the reference. */
const mostDepth: i32 = 1024;
/** Numbers of the objects around the current one. */
const outerObjects: usize = memory.data(1024 * 4, 4);

let delimiter: u32 = 0;
let quotesText: bool = false;
let escapesFormulas: bool = false;

export function openFields(delimiterByte: u32, quoteText: bool, escapeFormulas: bool): void {
  delimiter = delimiterByte;
  quotesText = quoteText;
  escapesFormulas = escapeFormulas;
}

/** Writes the field of a value other than `null`: at most two bytes for each of its bytes. */
@inline
export function writeField(start: usize, end: usize, to: usize): usize {
  const first = byteAt(start);
  if (first === quote) {
    return writeText(start + 1, end - 1, to);
  }
  return first === openBrace || first === openBracket
    ? writeJson(start, end, to)
    : writeBytes(start, end - start, to);
}

/** Writes the inside of a JSON string. */
@inline
function writeText(start: usize, end: usize, to: usize): usize {
  const isFormula =
    escapesFormulas && mayLeadFormula(byteAt(start)) && start < end && isFormulaAt(start);
  if (quotesText) {
    return writeSpecialText(start, end, isFormula, to);
  }
  if (isFormula) {
    const copied = copyUntil(delimiter, backslash, start, end, writeByte(apostrophe, to));
    return copied === end ? to + 1 + (end - start) : writeSpecialText(start, end, true, to);
  }
  const copied = copyUntil(delimiter, backslash, start, end, to);
  return copied === end ? to + (end - start) : writeSpecialText(start, end, false, to);
}

/** Cheaper to ask than `isFormulaAt`. */
function mayLeadFormula(first: u32): bool {
  return (
    first < zero ||
    first === equals ||
    first === commercialAt ||
    first === backslash ||
    first >= fullWidthByte
  );
}

/** Tells whether the text has to have an apostrophe in front. */
function isFormulaAt(start: usize): bool {
  const first = byteAt(start);
  if (first === backslash) {
    return leadsFormula(escapedUnit(start));
  }
  if (first === fullWidthByte) {
    const second = byteAt(start + 1) & 0x3f;
    const third = byteAt(start + 2) & 0x3f;
    return leadsFormula(((first & 0x0f) << 12) | (second << 6) | third);
  }
  return leadsFormula(first);
}

/** Whether a spreadsheet may run text as a formula that begins with a character. */
function leadsFormula(unit: u32): bool {
  const narrow = unit > fullWidth ? unit - fullWidth : unit;
  return (
    narrow === equals ||
    narrow === plus ||
    narrow === minus ||
    narrow === commercialAt ||
    unit === tab ||
    unit === carriageReturn
  );
}

/**
 * Writes text that is to be quoted, or has a delimiter or an escape: quoted, unless no escape turns out
 * to need it.
 */
function writeSpecialText(start: usize, end: usize, isFormula: bool, opening: usize): usize {
  let to = writeByte(quote, opening);
  if (isFormula) {
    to = writeByte(apostrophe, to);
  }
  let quoted = quotesText;
  let index = start;
  while (true) {
    const next = copyUntil(quoted ? backslash : delimiter, backslash, index, end, to);
    to += next - index;
    index = next;
    if (index === end) {
      return closeField(opening, quoted, to);
    }
    if (byteAt(index) === delimiter) {
      quoted = true;
    } else {
      const code = escapedCode(index);
      index += escapeLength(index, code);
      to = writeCodePoint(code, to);
      quoted = quoted || needsQuotes(code);
    }
  }
}

function needsQuotes(byte: u32): bool {
  return byte === quote || byte === delimiter || byte === lineFeed || byte === carriageReturn;
}

/** Ends a field that begins with a quote, or takes that quote back. */
function closeField(opening: usize, quoted: bool, to: usize): usize {
  if (quoted) {
    return writeByte(quote, to);
  }
  memory.copy(opening, opening + 1, to - opening - 1);
  return to - 1;
}

/** The code point that an escape stands for, or that of two together. */
function escapedCode(start: usize): u32 {
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

/** U+FFFD. */
const replacement: u32 = 0xfffd;

/** Length of `\u00e9`. */
const longEscape: usize = 6;

function escapeLength(start: usize, code: u32): usize {
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

function writeCodePoint(code: u32, to: usize): usize {
  if (code < 0x80) {
    return writeDoublingQuotes(code, to);
  }
  if (code < 0x800) {
    return writeByte(0x80 | (code & 0x3f), writeByte(0xc0 | (code >> 6), to));
  }
  const last = writeByte(
    code < 0x10000 ? 0xe0 | (code >> 12) : 0x80 | ((code >> 12) & 0x3f),
    code < 0x10000 ? to : writeByte(0xf0 | (code >> 18), to),
  );
  return writeByte(0x80 | (code & 0x3f), writeByte(0x80 | ((code >> 6) & 0x3f), last));
}

function writeDoublingQuotes(byte: u32, to: usize): usize {
  return writeByte(byte, byte === quote ? writeByte(quote, to) : to);
}

/** Writes an object or array as compact JSON. */
function writeJson(start: usize, end: usize, to: usize): usize {
  const copied = copyJson(start, end, to);
  return copied === 0 ? writeAnyJson(start, end, to) : copied;
}

/**
 * Copies JSON without its white space and needless escapes, as long as parsing and writing would
 * change nothing else.
 *
 * @returns 0 where it would: the order of keys, perhaps, or the spelling of an unusual character
 */
function copyJson(start: usize, end: usize, opening: usize): usize {
  let to = writeByte(quote, opening);
  let quoted = quotesText;
  let depth: i32 = 0;
  let objects: u32 = 0;
  let object: u32 = 0;
  clearKeys();
  let index = start;
  while (index < end) {
    const byte = byteAt(index);
    if (byte <= space) {
      index++;
      continue;
    }
    if (byte === quote) {
      const stringStart = index;
      let isRespelt = false;
      to = writeDoublingQuotes(quote, to);
      index++;
      while (true) {
        const next = copyUntil(quote, backslash, index, end, to);
        to += next - index;
        index = next;
        if (byteAt(index) === quote) {
          break;
        }
        const letter = byteAt(index + 1);
        if (letter === letterU || letter === slash) {
          const code = escapedCode(index);
          index += escapeLength(index, code);
          to = writeRespelt(code, to);
          if (to === 0) {
            return 0;
          }
          isRespelt = true;
        } else {
          to = writeDoublingQuotes(letter, writeByte(backslash, to));
          index += 2;
        }
      }
      to = writeDoublingQuotes(quote, to);
      index++;
      if (isKey(index) && (isRespelt || !isKeyInPlace(object, stringStart, index))) {
        return 0;
      }
      quoted = true;
      continue;
    }
    if (byte === openBrace) {
      if (depth === mostDepth) {
        return 0;
      }
      store<u32>(outerObjects + 4 * depth++, object);
      object = ++objects;
    } else if (byte === closeBrace) {
      object = load<u32>(outerObjects + 4 * --depth);
    } else if (byte === delimiter) {
      quoted = true;
    }
    to = writeByte(byte, to);
    index++;
  }
  return closeField(opening, quoted, to);
}

/** Writes a character of JSON text in its usual spelling. Returns 0 where the host has to do that. */
function writeRespelt(code: u32, to: usize): usize {
  if (code === replacement) {
    // Or a lone surrogate, which is still one when it is escaped.
    return 0;
  }
  if (code === quote || code === backslash) {
    return writeDoublingQuotes(code, writeByte(backslash, to));
  }
  return code < space ? writeControl(code, to) : writeCodePoint(code, to);
}

/** Writes the escape of a control character. */
function writeControl(code: u32, to: usize): usize {
  const next = writeByte(backslash, to);
  switch (code) {
    case backspace:
      return writeByte(letterB, next);
    case tab:
      return writeByte(letterT, next);
    case lineFeed:
      return writeByte(letterN, next);
    case formFeed:
      return writeByte(letterF, next);
    case carriageReturn:
      return writeByte(letterR, next);
  }
  const low = code & 15;
  const digits = writeByte(zero, writeByte(zero, writeByte(letterU, next)));
  const high = writeByte(zero + (code >> 4), digits);
  return writeByte(low < 10 ? zero + low : letterA + low - 10, high);
}

/** Tells whether the string that ended here is a key. */
function isKey(end: usize): bool {
  let next = end;
  while (byteAt(next) <= space) {
    next++;
  }
  return byteAt(next) === colon;
}

/**
 * Tells whether a parsed object has the key at the same place: not if it had the key before, nor
 * if the key may be an array index, which all come first.
 */
function isKeyInPlace(object: u32, start: usize, end: usize): bool {
  const initial = byteAt(start + 1);
  return (initial < zero || initial > nine) && addObjectKey(object, start, end);
}

/** Copies up to the first of either byte, and returns its address, or else `end`. */
@inline
function copyUntil(one: u32, other: u32, start: usize, end: usize, to: usize): usize {
  const ones = i8x16.splat(<i8>one);
  const others = i8x16.splat(<i8>other);
  let index = start;
  while (index < end) {
    const bytes = v128.load(index);
    v128.store(to + (index - start), bytes);
    const matches = i8x16.bitmask(v128.or(i8x16.eq(bytes, ones), i8x16.eq(bytes, others)));
    if (matches !== 0) {
      return min(index + ctz(matches), end);
    }
    index += 16;
  }
  return end;
}
