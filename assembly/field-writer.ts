/**
 * Writes values of a valid JSON text as fields of CSV.
 *
 * Most fields need no quotes, and the others turn out to do while they are copied.
 */

import { backslash, openBrace, openBracket, quote, space } from "./ascii";
import { copyUntil } from "./copy-until";
import { codeAt, leadsFormula, spacesEnd, writeApostrophe } from "./formula";
import { escapedCode, escapeLength } from "./json-escape";
import { writeJson } from "./json-field";
import { byteAt } from "./json-scanner";
import { writeByte, writeBytes } from "./output";
import { closeField, needsQuotes, writeCodePoint } from "./quoting";
import { delimiter, escapesFormulas, fieldQuote, quotesText } from "./settings";

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

/** Writes text that may have to be quoted, or to have an apostrophe in it. */
function writeSpecialText(start: usize, end: usize, opening: usize): usize {
  let to = writeByte(fieldQuote, opening);
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
