import type { ColumnKind } from "./column-kind.js";
import { formOfNumber, isPlainNumber, type NumberForm } from "./number-text.js";
import type { RecordReader } from "./record-reader.js";
import { styles } from "./workbook-parts.js";

/** What a cell holds at most, in UTF-16 code units (Excel's "specifications and limits"). */
const longestText = 32_767;

/** Enough for a megabyte and the row that goes beyond it, mostly. */
const usualSize = 1.25 * 2 ** 20;

/** Of one byte, `_x0000_` is the longest that is made; the rest is for what stands around it. */
const mostPerByte = 7;
const mostPerCell = 128;

/** What is taken of a text at most: three bytes for a code unit, in UTF-8. */
const mostTextBytes = 3 * longestText;

const dayMs = 86_400_000;
/** Days from 30 December 1899, which Excel counts from, to 1970. */
const epochDay = 25_569;
/** A millisecond has at least four of the digits behind the point. */
const fractionDigits = 12;

const tab = 0x09;
const lineFeed = 0x0a;
const space = 0x20;
const quote = 0x22;
const ampersand = 0x26;
const minus = 0x2d;
const zero = 0x30;
const less = 0x3c;
const greater = 0x3e;
const letterT = 0x54;
const underscore = 0x5f;
const smallT = 0x74;
const smallX = 0x78;
/** Begins U+FFFE and U+FFFF in UTF-8, among others. */
const highest = 0xef;

const rowStart = ascii('<row r="');
const rowMiddle = ascii('">');
const rowEnd = ascii("</row>");
const plainText = ascii(`" s="${styles.text}" t="inlineStr"><is><t>`);
const spacedText = ascii(`" s="${styles.text}" t="inlineStr"><is><t xml:space="preserve">`);
const headerText = ascii(`" s="${styles.header}" t="inlineStr"><is><t xml:space="preserve">`);
const textEnd = ascii("</t></is></c>");
const numbers: Record<NumberForm, Uint8Array> = {
  general: ascii('"><v>'),
  integer: ascii(`" s="${styles.integer}"><v>`),
};
const date = ascii(`" s="${styles.date}"><v>`);
const yes = ascii('" t="b"><v>1</v></c>');
const no = ascii('" t="b"><v>0</v></c>');
const valueEnd = ascii("</v></c>");
const escapedAmpersand = ascii("&amp;");
const escapedLess = ascii("&lt;");
const escapedGreater = ascii("&gt;");

/**
 * Writes the rows of a sheet as SpreadsheetML (ECMA-376, part 1, 18.3.1), byte by byte, since there may
 * be millions of cells. Text is always a cell of text, whatever it looks like, so it never runs.
 */
export class SheetXml {
  /** Number of texts that were longer than a cell can hold. */
  cutTexts = 0;
  readonly #kinds: readonly ColumnKind[];
  /** What a cell of each column begins with, up to the number of its row. */
  readonly #cellStarts: readonly Uint8Array[];
  #bytes = Buffer.allocUnsafeSlow(usualSize);
  #length = 0;
  #row = ascii("0");
  /** The last day that was met, and its number. */
  #day = { digits: 0, number: 0 };

  constructor(kinds: readonly ColumnKind[]) {
    this.#kinds = kinds;
    this.#cellStarts = kinds.map((_, index) => ascii(`<c r="${columnName(index)}`));
  }

  get length(): number {
    return this.#length;
  }

  /** What was written since the last time. */
  take(): Uint8Array<ArrayBuffer> {
    const taken = this.#bytes.subarray(0, this.#length);
    this.#bytes = Buffer.allocUnsafeSlow(usualSize);
    this.#length = 0;
    return taken;
  }

  write(text: string): void {
    const bytes = Buffer.from(text);
    this.#reserve(bytes.length);
    this.#put(bytes);
  }

  /** @param row number of the row, from 1 */
  header(names: readonly string[], row: number): void {
    this.#beginRow(row);
    for (const [index, name] of names.entries()) {
      const bytes = Buffer.from(name.replaceAll('"', '""'));
      this.#reserveText(bytes.length);
      this.#beginCell(index, headerText);
      this.#text(bytes, 0, this.#endOfText(bytes, 0, bytes.length));
      this.#put(textEnd);
    }
    this.#put(rowEnd);
  }

  /**
   * Writes the current record of a reader.
   *
   * @param row number of the row, from 1
   */
  row({ bytes, starts, ends, quoted }: RecordReader, row: number): void {
    this.#beginRow(row);
    for (let column = 0; column < starts.length; column++) {
      const start = starts[column]!;
      const end = ends[column]!;
      if (start < end) {
        this.#reserveText(end - start);
        this.#cell(column, bytes, start, end, quoted[column] === 1);
      }
    }
    this.#put(rowEnd);
  }

  #beginRow(row: number): void {
    this.#row = ascii(`${row}`);
    this.#reserve(mostPerCell);
    this.#put(rowStart);
    this.#put(this.#row);
    this.#put(rowMiddle);
  }

  #cell(column: number, bytes: Uint8Array, start: number, end: number, isText: boolean): void {
    const kind = this.#kinds[column];
    if (isText) {
      if (kind === "amount" && isPlainNumber(bytes, start, end)) {
        this.#number(column, bytes, start, end);
      } else {
        this.#textCell(column, bytes, start, end);
      }
    } else if (kind === "time" && isTime(bytes, start, end)) {
      this.#beginCell(column, date);
      this.#serial(bytes, start);
      this.#put(valueEnd);
    } else if (bytes[start]! <= 0x39) {
      this.#number(column, bytes, start, end);
    } else {
      this.#beginCell(column, bytes[start] === smallT ? yes : no);
    }
  }

  #number(column: number, bytes: Uint8Array, start: number, end: number): void {
    const form = formOfNumber(bytes, start, end);
    if (form === undefined) {
      this.#textCell(column, bytes, start, end);
      return;
    }
    this.#beginCell(column, numbers[form]);
    for (let index = start; index < end; index++) {
      this.#bytes[this.#length++] = bytes[index]!;
    }
    this.#put(valueEnd);
  }

  #textCell(column: number, bytes: Uint8Array, start: number, end: number): void {
    const isSpaced = bytes[start]! <= space || bytes[end - 1]! <= space;
    this.#beginCell(column, isSpaced ? spacedText : plainText);
    this.#text(bytes, start, this.#endOfText(bytes, start, end));
    this.#put(textEnd);
  }

  /** Where the text ends that a cell can hold. */
  #endOfText(bytes: Uint8Array, start: number, end: number): number {
    // In UTF-8 there are never fewer bytes than code units.
    if (end - start <= longestText) {
      return end;
    }
    let units = 0;
    for (let index = start; index < end; ) {
      const byte = bytes[index]!;
      const size = byte < 0x80 ? (byte === quote ? 2 : 1) : byte < 0xe0 ? 2 : byte < 0xf0 ? 3 : 4;
      units += size === 4 ? 2 : 1;
      if (units > longestText) {
        this.cutTexts++;
        return index;
      }
      index += size;
    }
    return end;
  }

  /**
   * Writes text in which quotes are doubled. What XML cannot hold is written as Excel does, `_xHHHH_`
   * (ECMA-376, part 1, 22.9.2.19), and so is an underscore where it would be read as the start of that.
   */
  #text(bytes: Uint8Array, start: number, end: number): void {
    const out = this.#bytes;
    let length = this.#length;
    for (let index = start; index < end; index++) {
      const byte = bytes[index]!;
      if (byte > greater && byte !== underscore && byte !== highest) {
        out[length++] = byte;
        continue;
      }
      this.#length = length;
      if (byte === quote) {
        index++;
        out[this.#length++] = quote;
      } else if (byte === ampersand) {
        this.#put(escapedAmpersand);
      } else if (byte === less) {
        this.#put(escapedLess);
      } else if (byte === greater) {
        this.#put(escapedGreater);
      } else if (byte < space && byte !== tab && byte !== lineFeed) {
        this.#escape(byte);
      } else if (byte === underscore && isEscape(bytes, index + 1, end)) {
        this.#escape(underscore);
      } else if (byte === highest && bytes[index + 1] === 0xbf && bytes[index + 2]! >= 0xbe) {
        this.#escape(0xff40 + bytes[index + 2]!);
        index += 2;
      } else {
        out[this.#length++] = byte;
      }
      length = this.#length;
    }
    this.#length = length;
  }

  #escape(unit: number): void {
    this.#put(ascii(`_x${unit.toString(16).toUpperCase().padStart(4, "0")}_`));
  }

  /** Writes the days since Excel's first of a time such as `2026-11-19T18:59:59.488+01:00`, by its clock. */
  #serial(bytes: Uint8Array, start: number): void {
    const two = (at: number): number =>
      (bytes[start + at]! - zero) * 10 + bytes[start + at + 1]! - zero;
    const year = two(0) * 100 + two(2);
    const digits = year * 10_000 + two(5) * 100 + two(8);
    if (this.#day.digits !== digits) {
      const number = Date.UTC(year, two(5) - 1, two(8)) / dayMs + epochDay;
      this.#day = { digits, number };
    }
    this.#digits(this.#day.number);
    const seconds = (two(11) * 60 + two(14)) * 60 + two(17);
    const ms = seconds * 1000 + two(20) * 10 + bytes[start + 22]! - zero;
    if (ms > 0) {
      const fraction = Math.round((ms / dayMs) * 10 ** fractionDigits);
      this.#bytes[this.#length++] = 0x2e;
      this.#digits(fraction, fractionDigits);
    }
  }

  /** Writes a whole number, with zeros in front where it has fewer digits than that. */
  #digits(number: number, least = 1): void {
    let size = least;
    while (number >= 10 ** size) {
      size++;
    }
    let rest = number;
    for (let at = this.#length + size - 1; at >= this.#length; at--) {
      const next = Math.floor(rest / 10);
      this.#bytes[at] = zero + rest - next * 10;
      rest = next;
    }
    this.#length += size;
  }

  #beginCell(column: number, rest: Uint8Array): void {
    this.#put(this.#cellStarts[column]!);
    this.#put(this.#row);
    this.#put(rest);
  }

  #put(piece: Uint8Array): void {
    const bytes = this.#bytes;
    let length = this.#length;
    for (let index = 0; index < piece.length; index++) {
      bytes[length++] = piece[index]!;
    }
    this.#length = length;
  }

  #reserveText(size: number): void {
    this.#reserve(Math.min(size, mostTextBytes) * mostPerByte + mostPerCell);
  }

  #reserve(size: number): void {
    if (this.#length + size > this.#bytes.length) {
      const larger = Buffer.allocUnsafeSlow(2 * (this.#length + size));
      larger.set(this.#bytes.subarray(0, this.#length));
      this.#bytes = larger;
    }
  }
}

/** `A` for 0, `AA` for 26. */
export function columnName(index: number): string {
  const before = Math.floor(index / 26);
  return (before === 0 ? "" : columnName(before - 1)) + String.fromCharCode(65 + (index % 26));
}

/** Whether a field without quotes is a time as the converter writes it, and no number. */
function isTime(bytes: Uint8Array, start: number, end: number): boolean {
  return end - start >= 24 && bytes[start + 4] === minus && bytes[start + 10] === letterT;
}

function isEscape(bytes: Uint8Array, start: number, end: number): boolean {
  if (start + 5 > end || bytes[start] !== smallX) {
    return false;
  }
  for (let index = start + 1; index < start + 5; index++) {
    const byte = bytes[index]!;
    const letter = byte | 0x20;
    if (!((byte >= zero && byte <= 0x39) || (letter >= 0x61 && letter <= 0x66))) {
      return false;
    }
  }
  return true;
}

function ascii(text: string): Uint8Array {
  return Buffer.from(text, "latin1");
}
