import { isUtf8 } from "node:buffer";
import { MalformedAnswerError, readNextLink, readTotalCount } from "../api/answer.js";
import type { CsvLayout } from "./csv-layout.js";
import { FieldWriter } from "./field-writer.js";
import { JsonScanner } from "./json-scanner.js";
import type { ConvertedPage, PageConverter } from "./page-converter.js";
import { PathFinder } from "./path-finder.js";
import { PropertyTable } from "./property-table.js";
import { createReferenceConverter } from "./reference-converter.js";
import { TimeReader } from "./time-reader.js";
import { longestTime, TimeWriter } from "./time-writer.js";
import { timeProperties } from "./timestamp.js";
import { TypeCounter } from "./type-counter.js";

// See json-scanner.ts on why each module has its own.
const lineFeed = 0x0a;
const carriageReturn = 0x0d;
const quote = 0x22;
const openBracket = 0x5b;
const closeBracket = 0x5d;
const letterN = 0x6e;
const openBrace = 0x7b;
const closeBrace = 0x7d;

const noPage = Buffer.alloc(0);

/**
 * The fast converter: copies the wanted values from the bytes of the answer to those of the CSV in
 * one walk, without parsing. Its output is that of the reference converter.
 */
export function createProjector(layout: CsvLayout): PageConverter {
  return new Projector(layout);
}

class Projector implements PageConverter {
  readonly #layout: CsvLayout;
  readonly #delimiter: number;
  readonly #endsInCrLf: boolean;
  readonly #scanner = new JsonScanner();
  readonly #writer: FieldWriter;
  readonly #types = new TypeCounter();
  readonly #times = new TimeReader();
  /** Absent where times are written as they are. */
  readonly #timeWriter: TimeWriter | undefined;
  readonly #properties: PropertyTable;
  readonly #paths: PathFinder;
  /** Properties below it are those of columns, or one of the next two. */
  readonly #wanted: number;
  readonly #typeProperty: number;
  readonly #timestampProperty: number;

  /** Where the current event's wanted values are. A start of 0 says that there is none. */
  readonly #starts: Int32Array;
  readonly #ends: Int32Array;
  /** Which of these values each column shows, and whether it is a time to be formatted. */
  readonly #values: Int32Array;
  readonly #isTime: Uint8Array;
  /** How often a byte of an event can be part of a field. */
  readonly #copies: number;
  /** The most bytes of a record that are no copies. */
  readonly #extraBytes: number;

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

  constructor(layout: CsvLayout) {
    const { columns, timestampFormat } = layout;
    this.#layout = layout;
    this.#delimiter = layout.delimiter.charCodeAt(0);
    this.#endsInCrLf = layout.recordDelimiter === "\r\n";
    this.#writer = new FieldWriter(layout);
    const owners = columns.map(({ path }) => path[0] ?? "");
    const names = [...new Set([...owners, "type", "timestamp"])];
    this.#typeProperty = names.indexOf("type");
    this.#timestampProperty = names.indexOf("timestamp");
    this.#wanted = names.length;
    this.#properties = new PropertyTable(names, this.#scanner);
    this.#paths = new PathFinder(columns, names, this.#scanner);
    this.#starts = this.#paths.starts;
    this.#ends = this.#paths.ends;
    this.#values = this.#paths.values;
    this.#timeWriter =
      timestampFormat === "raw" ? undefined : new TimeWriter(layout, timestampFormat);
    this.#isTime = Uint8Array.from(columns, ({ path: [name = "", ...inner], asSent }) =>
      timestampFormat !== "raw" && !asSent && inner.length === 0 && timeProperties.has(name)
        ? 1
        : 0,
    );
    const uses = new Map<string, number>();
    for (const owner of owners) {
      uses.set(owner, (uses.get(owner) ?? 0) + 1);
    }
    this.#copies = Math.max(1, ...uses.values());
    // Delimiters, the quotes of a blank record, and times, which may come out longer.
    this.#extraBytes = columns.length + 4 + longestTime * columns.length;
  }

  header(): Uint8Array {
    return createReferenceConverter(this.#layout).header();
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
    this.#times.open(page, this.#scanner.view);
    this.#timeWriter?.open(page, this.#scanner.view);
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
    const values = this.#values;
    const isTime = this.#isTime;
    const timeWriter = this.#timeWriter;
    const delimiter = this.#delimiter;
    const columnCount = values.length;
    this.#paths.find();
    writer.reserve(2 * this.#copies * eventLength + this.#extraBytes);
    const recordStart = writer.length;
    for (let column = 0; column < columnCount; column++) {
      if (column > 0) {
        writer.writeByte(delimiter);
      }
      const value = values[column]!;
      const start = starts[value]!;
      if (start !== 0 && bytes[start] !== letterN) {
        const end = ends[value]!;
        if (isTime[column] === 0 || !timeWriter!.write(start, end, writer)) {
          writer.writeField(start, end);
        }
      }
    }
    if (columnCount === 1 && writer.length === recordStart) {
      // An empty line would be no record for many readers.
      writer.writeByte(quote);
      writer.writeByte(quote);
    }
    if (this.#endsInCrLf) {
      writer.writeByte(carriageReturn);
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
