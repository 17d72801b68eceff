/** Writes objects and arrays as fields of CSV. */

import {
  backslash,
  backspace,
  carriageReturn,
  closeBrace,
  colon,
  formFeed,
  letterA,
  letterB,
  letterF,
  letterN,
  letterR,
  letterT,
  letterU,
  lineFeed,
  nine,
  openBrace,
  quote,
  slash,
  space,
  tab,
  zero,
} from "./ascii";
import { copyUntil } from "./copy-until";
import { codeAt, spacesEnd, writeApostrophe } from "./formula";
import { writeAnyJson } from "./host";
import { escapedCode, escapeLength, replacement } from "./json-escape";
import { byteAt } from "./json-scanner";
import { addObjectKey, clearKeys } from "./key-set";
import { writeByte, writeBytes } from "./output";
import { closeField, writeCodePoint, writeDoublingQuotes } from "./quoting";
import { delimiter, fieldQuote, quotesText } from "./settings";

/** Deeper JSON is left to the reference. */
const mostDepth: i32 = 1024;
/** Numbers of the objects around the current one. */
const outerObjects: usize = memory.data(mostDepth * 4, 4);

/** Writes an object or array as compact JSON. */
export function writeJson(start: usize, end: usize, to: usize): usize {
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
  let to = writeByte(fieldQuote, opening);
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
      quoted = quoted || fieldQuote === quote;
      to = writeDoublingQuotes(quote, to);
      index++;
      while (true) {
        const begin = spacesEnd(index);
        to = writeApostrophe(codeAt(begin), opening + 1, writeBytes(index, begin - index, to));
        const next = copyUntil(true, quoted, begin, end, to);
        to += next - begin;
        index = next;
        const stop = byteAt(index);
        if (stop === quote) {
          break;
        }
        if (stop !== backslash) {
          quoted = quoted || stop === delimiter;
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
          // A tab stays escaped.
          quoted = quoted || (code === delimiter && code !== tab);
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
