import { isUtf8 } from "node:buffer";
import { MalformedAnswerError, readNextLink, readTotalCount } from "../api/answer.js";
import { FieldWriter } from "./field-writer.js";
import { JsonScanner } from "./json-scanner.js";
import type { ConvertedPage, PageConverter } from "./page-converter.js";
import { PropertyTable } from "./property-table.js";
import { createReferenceConverter } from "./reference-converter.js";
import { TimeReader } from "./time-reader.js";
import { TypeCounter } from "./type-counter.js";

// See json-scanner.ts on why each module has its own.
const lineFeed = 0x0a;
const quote = 0x22;
const comma = 0x2c;
const openBracket = 0x5b;
const closeBracket = 0x5d;
const letterN = 0x6e;
const openBrace = 0x7b;
const closeBrace = 0x7d;

const noPage = Buffer.alloc(0);

/**
 * The fast converter: copies the wanted values from the bytes of the answer to those of the CSV in
 * one walk, without parsing. Its output is that of the reference converter.
 *
 * @param columns names of event properties, in the order of the columns
 */
export function createProjector(columns: readonly string[]): PageConverter {
  return new Projector(columns);
}

class Projector implements PageConverter {
  readonly #columns: readonly string[];
  /** Property of each column, as a number. */
  readonly #columnProperties: Int32Array;
  /** How often a value may be written. */
  readonly #repetitions: number;
  readonly #scanner = new JsonScanner();
  readonly #writer = new FieldWriter();
  readonly #types = new TypeCounter();
  readonly #times = new TimeReader();
  readonly #properties: PropertyTable;
  /** Properties below it are columns, or one of the next two. */
  readonly #wanted: number;
  readonly #typeProperty: number;
  readonly #timestampProperty: number;

  /** Where the current event's wanted values are. A start of 0 says that there is none. */
  readonly #starts: Int32Array;
  readonly #ends: Int32Array;

  #notBefore = Number.NEGATIVE_INFINITY;
  #eventCount = 0;
  #leftOut = 0;
  #oldest = Number.POSITIVE_INFINITY;
  /** Time of the last event that has one. */
  #lastTime = Number.NaN;
  #totalCount: unknown;
  #links: unknown;
  /** Why the answer, though JSON, is none. Known to be final only at its end. */
  #shapeError: string | undefined;

  constructor(columns: readonly string[]) {
    this.#columns = columns;
    const names = [...new Set([...columns, "type", "timestamp"])];
    this.#typeProperty = names.indexOf("type");
    this.#timestampProperty = names.indexOf("timestamp");
    this.#wanted = names.length;
    this.#columnProperties = Int32Array.from(columns, (column) => names.indexOf(column));
    this.#repetitions = 1 + columns.length - new Set(columns).size;
    this.#starts = new Int32Array(names.length);
    this.#ends = new Int32Array(names.length);
    this.#properties = new PropertyTable(names, this.#scanner);
  }

  header(): Uint8Array {
    return createReferenceConverter(this.#columns).header();
  }

  convert(body: Uint8Array, notBefore = Number.NEGATIVE_INFINITY): ConvertedPage {
    this.#open(validUtf8(body));
    this.#notBefore = notBefore;
    try {
      this.#walkBody();
      return this.#convertedPage();
    } catch (error) {
      if (error instanceof SyntaxError) {
        throw new MalformedAnswerError("the answer is not whole JSON", { cause: error });
      }
      throw error;
    } finally {
      // A page is large, and the next one may be long in coming.
      this.#open(noPage);
    }
  }

  #open(page: Buffer): void {
    this.#scanner.open(page);
    this.#writer.open(page, this.#scanner.view);
    this.#types.open(page);
    this.#times.open(page);
    this.#totalCount = undefined;
    this.#links = undefined;
    this.#shapeError = "the answer is not a JSON object";
  }

  #convertedPage(): ConvertedPage {
    if (this.#shapeError !== undefined) {
      throw new MalformedAnswerError(this.#shapeError);
    }
    return {
      eventCount: this.#eventCount,
      leftOut: this.#leftOut,
      oldest: this.#oldest,
      totalCount: readTotalCount(this.#totalCount),
      next: readNextLink(this.#links),
      csv: this.#writer.written(),
      eventsByType: this.#types.counts(),
    };
  }

  #walkBody(): void {
    const scanner = this.#scanner;
    const start = scanner.spaceEnd(byteOrderMarkEnd(scanner.bytes));
    const isObject = scanner.at(start) === openBrace;
    const end = scanner.spaceEnd(isObject ? this.#walkAnswer(start) : scanner.valueEnd(start));
    if (end < scanner.bytes.length) {
      scanner.fail(end);
    }
  }

  // The following methods take the index of a value's first byte and return that after its last.

  #walkAnswer(start: number): number {
    const scanner = this.#scanner;
    this.#shapeError = "the answer has no results";
    let index = scanner.spaceEnd(start + 1);
    if (scanner.at(index) === closeBrace) {
      return index + 1;
    }
    for (;;) {
      const keyEnd = scanner.stringEnd(index);
      const key = this.#parse(index, keyEnd);
      const valueStart = scanner.afterColon(keyEnd);
      let end: number;
      if (key === "results") {
        end = this.#walkResults(valueStart);
      } else {
        end = scanner.valueEnd(valueStart);
        if (key === "total_count") {
          this.#totalCount = this.#parse(valueStart, end);
        } else if (key === "links") {
          this.#links = this.#parse(valueStart, end);
        }
      }
      index = scanner.itemEnd(end, closeBrace);
      if (scanner.at(index) === closeBrace) {
        return index + 1;
      }
      index = scanner.spaceEnd(index + 1);
    }
  }

  #parse(start: number, end: number): unknown {
    return JSON.parse(this.#scanner.bytes.toString("utf8", start, end));
  }

  /** Forgets earlier results: as everywhere in JSON, the last member of a name counts. */
  #walkResults(start: number): number {
    const scanner = this.#scanner;
    this.#eventCount = 0;
    this.#leftOut = 0;
    this.#oldest = Number.POSITIVE_INFINITY;
    this.#lastTime = Number.NaN;
    this.#writer.clear();
    this.#types.clear();
    if (scanner.at(start) !== openBracket) {
      this.#shapeError = "the answer has no results";
      return scanner.valueEnd(start);
    }
    this.#shapeError = undefined;
    let index = scanner.spaceEnd(start + 1);
    if (scanner.at(index) === closeBracket) {
      return index + 1;
    }
    for (;;) {
      let end: number;
      if (scanner.at(index) === openBrace) {
        end = this.#walkEvent(index);
        this.#takeEvent(end - index);
      } else {
        end = scanner.valueEnd(index);
        this.#shapeError = "the answer holds results that are not events";
      }
      index = scanner.itemEnd(end, closeBracket);
      if (scanner.at(index) === closeBracket) {
        return index + 1;
      }
      index = scanner.spaceEnd(index + 1);
    }
  }

  #walkEvent(start: number): number {
    const scanner = this.#scanner;
    const properties = this.#properties;
    this.#starts.fill(0);
    let index = scanner.spaceEnd(start + 1);
    if (scanner.at(index) === closeBrace) {
      return index + 1;
    }
    let property = properties.start;
    for (;;) {
      const previous = property;
      property = properties.predict(index, previous);
      let valueStart: number;
      if (property !== properties.other) {
        valueStart = scanner.spaceEnd(index + properties.lengthOf(property));
      } else {
        const keyEnd = scanner.stringEnd(index);
        property = properties.find(index, keyEnd, previous);
        valueStart = scanner.afterColon(keyEnd);
      }
      const end = scanner.valueEnd(valueStart);
      if (property < this.#wanted) {
        this.#starts[property] = valueStart;
        this.#ends[property] = end;
      }
      index = scanner.itemEnd(end, closeBrace);
      if (scanner.at(index) === closeBrace) {
        return index + 1;
      }
      index = scanner.spaceEnd(index + 1);
    }
  }

  #takeEvent(length: number): void {
    const time = this.#timeOfEvent();
    if (!Number.isNaN(time)) {
      this.#lastTime = time;
    }
    if (this.#lastTime < this.#notBefore) {
      this.#leftOut++;
      return;
    }
    if (time < this.#oldest) {
      this.#oldest = time;
    }
    this.#eventCount++;
    this.#writeRecord(length);
    if (this.#isString(this.#typeProperty)) {
      this.#types.add(this.#starts[this.#typeProperty]!, this.#ends[this.#typeProperty]!);
    }
  }

  /** Epoch milliseconds, or NaN. */
  #timeOfEvent(): number {
    const property = this.#timestampProperty;
    return this.#isString(property)
      ? this.#times.read(this.#starts[property]!, this.#ends[property]!)
      : Number.NaN;
  }

  #isString(property: number): boolean {
    const start = this.#starts[property]!;
    return start !== 0 && this.#scanner.bytes[start] === quote;
  }

  #writeRecord(eventLength: number): void {
    const { bytes } = this.#scanner;
    const writer = this.#writer;
    const starts = this.#starts;
    const ends = this.#ends;
    const properties = this.#columnProperties;
    const columnCount = properties.length;
    // The fields, the commas, the quotes of a blank record and LF.
    writer.reserve(2 * eventLength * this.#repetitions + columnCount + 3);
    const recordStart = writer.length;
    for (let column = 0; column < columnCount; column++) {
      if (column > 0) {
        writer.writeByte(comma);
      }
      const property = properties[column]!;
      const start = starts[property]!;
      if (start !== 0 && bytes[start] !== letterN) {
        writer.writeField(start, ends[property]!);
      }
    }
    if (columnCount === 1 && writer.length === recordStart) {
      // An empty line would be no record for many readers.
      writer.writeByte(quote);
      writer.writeByte(quote);
    }
    writer.writeByte(lineFeed);
  }
}

/** A byte order mark at the start is skipped. */
function byteOrderMarkEnd(bytes: Buffer): number {
  return bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? 3 : 0;
}

/** The body, with replacement characters where it is not UTF-8. */
function validUtf8(body: Uint8Array): Buffer {
  return isUtf8(body)
    ? Buffer.from(body.buffer, body.byteOffset, body.byteLength)
    : Buffer.from(new TextDecoder("utf-8", { ignoreBOM: true }).decode(body));
}
