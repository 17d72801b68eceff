/** Notices what a spreadsheet may run, as `src/csv/formulas.ts` does. */

import {
  apostrophe,
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
  tab,
} from "./ascii";
import { byteAt } from "./json-scanner";
import { writeByte } from "./output";
import { escapesFormulas } from "./settings";

/** The full-width forms of `=`, `+`, `-` and `@` are as far from these, and begin with one byte. */
const fullWidth: u32 = 0xfee0;
export const fullWidthByte: u32 = 0xef;

/**
 * Writes an apostrophe where a formula would begin with the next character.
 *
 * @param opening of the field's text, as far as it has been written
 */
export function writeApostrophe(code: u32, opening: usize, to: usize): usize {
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

/** A character, where it is ASCII or a full-width form of it. */
@inline
export function codeAt(at: usize): u32 {
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
export function leadsFormula(code: u32): bool {
  const narrow = code > fullWidth ? code - fullWidth : code;
  return narrow === equals || narrow === plus || narrow === minus || narrow === commercialAt;
}

/** Whether `writeApostrophe` may have to write an apostrophe behind a separator. */
@inline
export function mayBegin(at: usize): bool {
  const byte = byteAt(at);
  if (byte === space) {
    const next = byteAt(at + 1);
    return next === space || next === equals;
  }
  return leadsFormula(byte) || byte === fullWidthByte;
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

/** Skips spaces, if there are any. */
export function spacesEnd(start: usize): usize {
  let end = start;
  while (byteAt(end) === space) {
    end++;
  }
  return end;
}
