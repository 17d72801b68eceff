import type { CsvFormat } from "./csv-layout.js";
import { exactJson, parseExactJson } from "./exact-json.js";
import { KeySet } from "./key-set.js";

// See json-scanner.ts on why each module has its own.
const lineFeed = 0x0a;
const carriageReturn = 0x0d;
const space = 0x20;
const quote = 0x22;
const apostrophe = 0x27;
const slash = 0x2f;
const zero = 0x30;
const nine = 0x39;
const colon = 0x3a;
const openBracket = 0x5b;
const backslash = 0x5c;
const letterU = 0x75;
const openBrace = 0x7b;
const closeBrace = 0x7d;

const quotes = fourTimes(quote);
const backslashes = fourTimes(backslash);

/** First bytes of text that a spreadsheet may run as a formula, unescaped or as an escape. */
const mayLeadFormula = new Uint8Array(256);
for (const byte of Buffer.from("=+-@\\")) {
  mayLeadFormula[byte] = 1;
}
/** The full-width forms have two bytes in common. */
const fullWidth = Buffer.from("\uff1d");
mayLeadFormula[fullWidth[0]!] = 1;
const leadsFormula = /^[=+\-@\t\r\uff1d\uff0b\uff0d\uff20]/;
const longestEscape = "\\uff1d".length;

/** What the letter of an escape such as `\n` stands for. */
const unescaped = new Uint8Array(256);
for (const letter of '"\\/bfnrt') {
  unescaped[letter.charCodeAt(0)] = JSON.parse(`"\\${letter}"`).charCodeAt(0);
}

/**
 * Writes values of a valid JSON text as fields of CSV, into a buffer that is used for one text after
 * the other.
 *
 * Most fields need no quotes, and the others turn out to do while they are copied.
 */
export class FieldWriter {
  #json: Buffer = Buffer.alloc(0);
  #jsonView: DataView = new DataView(this.#json.buffer, 0, 0);
  #out: Buffer = Buffer.alloc(0);
  #outView: DataView = new DataView(this.#out.buffer, 0, 0);
  #length = 0;
  readonly #keys = new KeySet();
  /** Numbers of the objects around the current one; grows with the depth. */
  #outerObjects = new Int32Array(64);
  readonly #delimiter: number;
  readonly #delimiters: number;
  readonly #escapeFormulas: boolean;

  constructor({ delimiter, escapeFormulas }: CsvFormat) {
    this.#delimiter = delimiter.charCodeAt(0);
    this.#delimiters = fourTimes(this.#delimiter);
    this.#escapeFormulas = escapeFormulas;
  }

  /** Begins with another text; `view` shows the same bytes. */
  open(json: Buffer, view: DataView): void {
    this.#json = json;
    this.#jsonView = view;
    this.clear();
  }

  clear(): void {
    this.#length = 0;
  }

  /** Number of bytes written. */
  get length(): number {
    return this.#length;
  }

  /** The bytes written; they change with the first write after `open` or `clear`. */
  written(): Uint8Array {
    return this.#out.subarray(0, this.#length);
  }

  /**
   * Makes room for `bytes` more. Nothing is checked when they are written.
   *
   * A field takes at most two bytes for each byte of its value.
   */
  reserve(bytes: number): void {
    // Words of four are copied where some of their bytes do not belong to the field any more.
    const needed = this.#length + bytes + 4;
    if (needed > this.#out.length) {
      const longer = Buffer.allocUnsafeSlow(Math.max(needed, 2 * this.#out.length));
      longer.set(this.written());
      this.#out = longer;
      this.#outView = new DataView(longer.buffer);
    }
  }

  writeByte(byte: number): void {
    this.#out[this.#length++] = byte;
  }

  /** Writes text that needs no quotes. */
  writeAscii(text: string): void {
    this.#length += this.#out.write(text, this.#length, "latin1");
  }

  /** Writes bytes that need no quotes. Up to three more are read, and overwritten later. */
  writeWords(bytes: DataView, start: number, length: number): void {
    const out = this.#outView;
    const shift = this.#length - start;
    for (let index = start; index < start + length; index += 4) {
      out.setInt32(index + shift, bytes.getInt32(index, true), true);
    }
    this.#length += length;
  }

  /** Writes the field of a value other than `null`. */
  writeField(start: number, end: number): void {
    const first = this.#json[start]!;
    if (first === quote) {
      this.#writeText(start + 1, end - 1);
    } else if (first === openBrace || first === openBracket) {
      this.#writeJson(start, end);
    } else {
      for (let index = start; index < end; index++) {
        this.writeByte(this.#json[index]!);
      }
    }
  }

  /** Writes the inside of a JSON string. */
  #writeText(start: number, end: number): void {
    const opening = this.#length;
    const isFormula =
      mayLeadFormula[this.#json[start]!] === 1 && this.#escapeFormulas && this.#isFormula(start);
    if (isFormula) {
      this.writeByte(apostrophe);
    }
    if (this.#copyUntil(this.#delimiters, backslashes, start, end) < end) {
      this.#length = opening;
      this.#writeSpecialText(start, end, isFormula);
    }
  }

  /** Tells whether the text has to have an apostrophe in front. */
  #isFormula(start: number): boolean {
    const json = this.#json;
    const first = json[start]!;
    if (first === backslash) {
      // Not more than the first escape, since the next one may be cut off.
      const length = json[start + 1] === letterU ? longestEscape : 2;
      return leadsFormula.test(JSON.parse(`"${json.toString("latin1", start, start + length)}"`));
    }
    return first !== fullWidth[0] || leadsFormula.test(json.toString("utf8", start, start + 3));
  }

  /** Writes text with a delimiter or an escape: quoted, unless no escape turns out to need it. */
  #writeSpecialText(start: number, end: number, isFormula: boolean): void {
    const opening = this.#length;
    const delimiter = this.#delimiter;
    this.writeByte(quote);
    if (isFormula) {
      this.writeByte(apostrophe);
    }
    let quoted = false;
    for (let index = start; index < end; ) {
      index = this.#copyUntil(quoted ? backslashes : this.#delimiters, backslashes, index, end);
      if (index === end) {
        break;
      }
      if (this.#json[index] === delimiter) {
        quoted = true;
      } else {
        index = this.#writeUnescaped(index);
        quoted ||= this.#needsQuotes(this.#out[this.#length - 1]!);
      }
    }
    this.#closeField(opening, quoted);
  }

  #needsQuotes(byte: number): boolean {
    return (
      byte === quote || byte === this.#delimiter || byte === lineFeed || byte === carriageReturn
    );
  }

  /** Ends a field that begins with a quote, or takes that quote back. */
  #closeField(opening: number, quoted: boolean): void {
    if (quoted) {
      this.writeByte(quote);
    } else {
      this.#out.copyWithin(opening, opening + 1, this.#length--);
    }
  }

  /** Writes what the escape at `index` stands for. Returns the index after the escape. */
  #writeUnescaped(index: number): number {
    if (this.#json[index + 1] === letterU) {
      return this.#writeCodePoint(index);
    }
    this.#writeDoublingQuotes(unescaped[this.#json[index + 1]!]!);
    return index + 2;
  }

  /** Two escapes may be one code point. A lone surrogate becomes the replacement character. */
  #writeCodePoint(index: number): number {
    let text = String.fromCharCode(this.#codeUnit(index));
    let end = index + 6;
    if (isHighSurrogate(text) && this.#json[end] === backslash && this.#json[end + 1] === letterU) {
      const low = String.fromCharCode(this.#codeUnit(end));
      if (isLowSurrogate(low)) {
        text += low;
        end += 6;
      }
    }
    if (text === '"') {
      this.writeByte(quote);
    }
    this.#length += this.#out.write(text, this.#length);
    return end;
  }

  /** The number in the `\u` escape at `index`. */
  #codeUnit(index: number): number {
    return Number.parseInt(this.#json.toString("latin1", index + 2, index + 6), 16);
  }

  #writeDoublingQuotes(byte: number): void {
    if (byte === quote) {
      this.writeByte(quote);
    }
    this.writeByte(byte);
  }

  /** Writes an object or array as compact JSON. */
  #writeJson(start: number, end: number): void {
    const opening = this.#length;
    if (!this.#copyJson(start, end)) {
      this.#length = opening;
      const json = exactJson(parseExactJson(this.#json.toString("utf8", start, end)));
      const quoted = json.includes('"') || json.includes(String.fromCharCode(this.#delimiter));
      const field = quoted ? `"${json.replaceAll('"', '""')}"` : json;
      this.#length += this.#out.write(field, this.#length);
    }
  }

  /**
   * Copies JSON without its white space, as long as parsing and writing would change nothing else.
   *
   * @returns false where it would: the spelling of a string, or the order of keys
   */
  #copyJson(start: number, end: number): boolean {
    const json = this.#json;
    const delimiter = this.#delimiter;
    const opening = this.#length;
    this.writeByte(quote);
    let quoted = false;
    let depth = 0;
    let objects = 0;
    let object = 0;
    this.#keys.clear();
    for (let index = start; index < end; ) {
      const byte = json[index]!;
      if (byte <= space) {
        index++;
        continue;
      }
      if (byte === quote) {
        const stringEnd = this.#copyJsonString(index, end);
        if (stringEnd === -1) {
          return false;
        }
        if (this.#isKey(stringEnd) && !this.#isKeyInPlace(object, index, stringEnd)) {
          return false;
        }
        quoted = true;
        index = stringEnd;
        continue;
      }
      if (byte === openBrace) {
        this.#keepOuterObject(depth++, object);
        object = ++objects;
      } else if (byte === closeBrace) {
        object = this.#outerObjects[--depth]!;
      } else if (byte === delimiter) {
        quoted = true;
      }
      this.writeByte(byte);
      index++;
    }
    this.#closeField(opening, quoted);
    return true;
  }

  /** Tells whether the string that ended before `index` is a key. */
  #isKey(index: number): boolean {
    let next = index;
    while (this.#json[next]! <= space) {
      next++;
    }
    return this.#json[next] === colon;
  }

  /**
   * Tells whether a parsed object has the key at the same place: not if it had the key before, nor
   * if the key may be an array index, which all come first.
   */
  #isKeyInPlace(object: number, start: number, end: number): boolean {
    const initial = this.#json[start + 1]!;
    return (initial < zero || initial > nine) && this.#keys.add(object, this.#json, start, end);
  }

  /** Returns the index after the string, or -1 if it would be spelt otherwise. */
  #copyJsonString(start: number, end: number): number {
    const json = this.#json;
    this.#writeDoublingQuotes(quote);
    let index = start + 1;
    for (;;) {
      index = this.#copyUntil(quotes, backslashes, index, end);
      if (json[index] === quote) {
        this.#writeDoublingQuotes(quote);
        return index + 1;
      }
      const letter = json[index + 1]!;
      if (letter === letterU || letter === slash) {
        return -1;
      }
      this.writeByte(backslash);
      this.#writeDoublingQuotes(letter);
      index += 2;
    }
  }

  #keepOuterObject(depth: number, object: number): void {
    if (depth === this.#outerObjects.length) {
      const longer = new Int32Array(2 * depth);
      longer.set(this.#outerObjects);
      this.#outerObjects = longer;
    }
    this.#outerObjects[depth] = object;
  }

  /**
   * Copies up to the first of either byte, both ASCII and given four times in a word. Returns its
   * index, or else `end`.
   */
  #copyUntil(ones: number, others: number, start: number, end: number): number {
    const json = this.#jsonView;
    const out = this.#outView;
    const shift = this.#length - start;
    let index = start;
    // Four bytes at once. As in JsonScanner, the lowest top bit set is that of the first match.
    for (const lastWord = end - 4; index <= lastWord; index += 4) {
      const word = json.getInt32(index, true);
      out.setInt32(index + shift, word, true);
      const matches =
        (((word ^ ones) - 0x01010101) | ((word ^ others) - 0x01010101)) & ~word & 0x80808080;
      if (matches !== 0) {
        index += (31 - Math.clz32(matches & -matches)) >> 3;
        this.#length = index + shift;
        return index;
      }
    }
    for (; index < end; index++) {
      const byte = this.#json[index]!;
      if (byte === (ones & 0xff) || byte === (others & 0xff)) {
        break;
      }
      this.#out[index + shift] = byte;
    }
    this.#length = index + shift;
    return index;
  }
}

/** A word of four such bytes. */
function fourTimes(byte: number): number {
  return Math.imul(byte, 0x01010101);
}

function isHighSurrogate(text: string): boolean {
  return text >= "\ud800" && text <= "\udbff";
}

function isLowSurrogate(text: string): boolean {
  return text >= "\udc00" && text <= "\udfff";
}
