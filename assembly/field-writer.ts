/**
 * Writes values of a valid JSON text as fields of CSV.
 *
 * Most fields need no quotes, and the others turn out to do while they are copied.
 */

import {
  apostrophe,
  backslash,
  backspace,
  bar,
  carriageReturn,
  closeBrace,
  colon,
  comma,
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
  semicolon,
  slash,
  space,
  tab,
  zero,
} from "./ascii";
import { writeAnyJson } from "./host";
import { byteAt, hexDigit } from "./json-scanner";
import { addObjectKey, clearKeys } from "./key-set";
import { writeByte, writeBytes } from "./output";
import { delimiter, escapesFormulas, quotesText } from "./settings";

/** The full-width forms of `=`, `+`, `-` and `@` are as far from these, and begin with one byte. */
const fullWidth: u32 = 0xfee0;
const fullWidthByte: u32 = 0xef;

/** Deeper JSON is left to the reference. */
const mostDepth: i32 = 1024;
/** Numbers of the objects around the current one. */
const outerObjects: usize = memory.data(mostDepth * 4, 4);

/** Where copying stops, outside and inside of quotes. */
const stops: usize = memory.data(16, 16);
const stopsInQuotes: usize = memory.data(16, 16);

export function openFields(): void {
  fillStops(stops, delimiter);
  fillStops(stopsInQuotes, backslash);
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
  if (quotesText || (escapesFormulas && (byteAt(start) === space || leadsFormula(codeAt(start))))) {
    return writeSpecialText(start, end, to);
  }
  const copied = copyUntil(false, false, start, end, to);
  return copied === end ? to + (end - start) : writeSpecialText(start, end, to);
}

/** A character, where it is ASCII or a full-width form of it. */
@inline
function codeAt(at: usize): u32 {
  const first = byteAt(at);
  return first === fullWidthByte ? wideCodeAt(at) : first;
}

/** The code point of three bytes. */
function wideCodeAt(at: usize): u32 {
  return (
    ((byteAt(at) & 0x0f) << 12) | ((byteAt(at + 1) & 0x3f) << 6) | (byteAt(at + 2) & 0x3f)
  );
}

/** Whether a spreadsheet may run what begins with a character. */
@inline
function leadsFormula(code: u32): bool {
  const narrow = code > fullWidth ? code - fullWidth : code;
  return narrow === equals || narrow === plus || narrow === minus || narrow === commercialAt;
}

/**
 * Writes an apostrophe where a formula would begin with the next character: as `escapeFormulas` in
 * `src/csv/formulas.ts` has it.
 *
 * @param opening of the field's text, as far as it has been written
 */
function writeApostrophe(code: u32, opening: usize, to: usize): usize {
  if (!escapesFormulas || !leadsFormula(code)) {
    return to;
  }
  let at = to;
  while (at > opening) {
    const byte = byteAt(--at);
    if (byte !== quote && byte !== 0 && (byte !== space || code !== equals)) {
      return isSeparator(byte) ? writeByte(apostrophe, to) : to;
    }
  }
  return writeByte(apostrophe, to);
}

function spacesEnd(start: usize): usize {
  let end = start;
  while (byteAt(end) === space) {
    end++;
  }
  return end;
}

/** Whether it ends a cell, for whatever spreadsheet. */
function isSeparator(byte: u32): bool {
  return (
    byte === comma ||
    byte === semicolon ||
    byte === bar ||
    byte === tab ||
    byte === lineFeed ||
    byte === carriageReturn
  );
}

/** Writes text that may have to be quoted, or to have an apostrophe in it. */
function writeSpecialText(start: usize, end: usize, opening: usize): usize {
  let to = writeByte(quote, opening);
  let quoted = quotesText;
  let index = start;
  while (true) {
    const begin = spacesEnd(index);
    to = writeApostrophe(codeAt(begin), opening + 1, writeBytes(index, begin - index, to));
    const next = copyUntil(false, quoted, begin, end, to);
    to += next - begin;
    index = next;
    if (index === end) {
      return closeField(opening, quoted, to);
    }
    const byte = byteAt(index);
    if (byte === delimiter) {
      quoted = true;
    } else if (byte === backslash) {
      const code = escapedCode(index);
      index += escapeLength(index, code);
      to = writeCodePoint(code, writeApostrophe(code, opening + 1, to));
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
        const begin = spacesEnd(index);
        to = writeApostrophe(codeAt(begin), opening + 1, writeBytes(index, begin - index, to));
        const next = copyUntil(true, true, begin, end, to);
        to += next - begin;
        index = next;
        const stop = byteAt(index);
        if (stop === quote) {
          break;
        }
        if (stop !== backslash) {
          continue;
        }
        const letter = byteAt(index + 1);
        if (letter === letterU || letter === slash) {
          const code = escapedCode(index);
          index += escapeLength(index, code);
          to = writeRespelt(code, writeApostrophe(code, opening + 1, to));
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

/**
 * Copies up to the first backslash, or quote in JSON, or delimiter that asks for quotes, or to what may
 * begin a formula behind a separator. Returns its address, or else `end`.
 */
@inline
function copyUntil(inJson: bool, quoted: bool, start: usize, end: usize, to: usize): usize {
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

/** Whether `writeApostrophe` may have to write an apostrophe behind a separator. */
@inline
function mayBegin(at: usize): bool {
  const byte = byteAt(at);
  if (byte === space) {
    const next = byteAt(at + 1);
    return next === space || next === equals;
  }
  return leadsFormula(byte) || byte === fullWidthByte;
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
