/** Fields between quotes, in which a quote is written twice. */

import { carriageReturn, lineFeed } from "./ascii";
import { writeByte } from "./output";
import { delimiter, fieldQuote } from "./settings";

export function needsQuotes(byte: u32): bool {
  return (
    byte === fieldQuote || byte === delimiter || byte === lineFeed || byte === carriageReturn
  );
}

/** Ends a field that begins with a quote, or takes that quote back. */
export function closeField(opening: usize, quoted: bool, to: usize): usize {
  if (quoted) {
    return writeByte(fieldQuote, to);
  }
  memory.copy(opening, opening + 1, to - opening - 1);
  return to - 1;
}

export function writeCodePoint(code: u32, to: usize): usize {
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

export function writeDoublingQuotes(byte: u32, to: usize): usize {
  return writeByte(byte, byte === fieldQuote ? writeByte(fieldQuote, to) : to);
}
