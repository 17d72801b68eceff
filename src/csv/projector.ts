import { isUtf8 } from "node:buffer";
import { readFileSync } from "node:fs";
import { TextDecoder } from "node:util";
import { readNextLink, readTotalCount } from "../api/answer.js";
import { Checksum } from "../checksum.js";
import { PageBuffer } from "../page-buffer.js";
import { formatSize } from "../size.js";
import type { CsvLayout } from "./csv-layout.js";
import { hashEventId } from "./event-id.js";
import { exactJson, parseExactJson } from "./exact-json.js";
import { escapeFormulasInJson } from "./formulas.js";
import { HourTemplates } from "./hour-templates.js";
import type { ConvertedPage } from "./page-converter.js";
import { type PageRange, selectRange } from "./page-range.js";
import { pageTooLarge } from "./page-too-large.js";
import { ProjectorMemory, padding } from "./projector-memory.js";
import { instantReader, readInstant, timeProperties } from "./timestamp.js";
import { ValueTree } from "./value-tree.js";
import {
  CompileError,
  Instance,
  Module,
  type WasmGlobal,
  type WasmMemory,
  type WasmModule,
} from "./web-assembly.js";

/** What `assembly/projector.ts` exports. Constants are addresses, but for the first two. */
interface Exports {
  readonly memory: WasmMemory;
  readonly needsMore: Constant;
  readonly needsRoom: Constant;
  readonly columnValues: Constant;
  readonly columnTimes: Constant;
  readonly rowTimes: Constant;
  readonly rowIds: Constant;
  readonly rowEnds: Constant;
  readonly rowTypes: Constant;
  readonly hourText: Constant;
  readonly hourTime: Constant;
  readonly hourMinutes: Constant;
  readonly hourStarts: Constant;
  readonly hourTemplates: Constant;
  readonly hourTemplateLengths: Constant;
  heapStart(): number;
  configure(
    propertyCount: number,
    valueCount: number,
    columnCount: number,
    typeNumber: number,
    timestampNumber: number,
    idNumber: number,
    delimiter: number,
    crLf: boolean,
    quoteText: boolean,
    escapeFormulas: boolean,
    epoch: boolean,
    milliseconds: boolean,
    mostCopies: number,
    otherBytes: number,
  ): void;
  addKey(property: number, start: number, end: number): void;
  addPathMember(value: number, within: number, start: number, end: number, index: number): void;
  forgetTypes(): void;
  begin(inputStart: number, outputStart: number, outputEnd: number): void;
  moveInput(start: number, end: number): void;
  moveOutput(start: number, end: number): void;
  /** Returns `needsMore`, `needsRoom`, or something else where it does not go on. */
  advance(): number;
  takenUntil(): number;
  csvEnd(): number;
  rowCount(): number;
  isComplete(): boolean;
}

type Constant = WasmGlobal;

/** The numbers that the projector knows the answer's members by. */
const answerMembers = new Map([
  ["results", 1],
  ["total_count", 2],
  ["links", 3],
]);

/** No time that is written takes more bytes. */
const longestTime = 32;
/** Where an hour in `"2026-11-19T23:59:56.488Z"` ends, with the quote and with the colon. */
const hourLength = '"2026-11-19T23:'.length;
const usualTime = /^\d{4}-\d\d-\d\dT(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d\.\d{3}Z$/;

// There are tables for so many in the projector's memory.
const mostColumns = 4096;
const mostValues = 3500;
const longestKey = '"":'.length + 61;
const memberKeyRoom = 65_536;
/** The hour's own, and the next one's. */
const templatesPerSlot = 2;

/** An answer is looked at in pieces that fit into the processor's caches. */
const pieceSize = 128 * 1024;
/** SparkPost has about twenty types. */
const mostTypes = 1000;
/** Size of the CSV of a page, in bytes: three times as much as an ordinary page has of JSON. */
const mostCsv = 48_000_000;
/** What has to be parsed is shorter in an ordinary answer, in bytes. */
const mostParsed = 1_000_000;

const nothing = Buffer.alloc(0);

let module: WasmModule | undefined;

/**
 * The fast converter: copies the wanted values from the bytes of an answer to those of the CSV in
 * one walk, without parsing, while the answer arrives. Its output is that of the reference converter.
 *
 * The walk is WebAssembly, compiled from `assembly/`: it compares 16 bytes at once. It takes no answer
 * that the reference would reject, and leaves alone what is out of the ordinary.
 */
export class Projector {
  readonly #layout: CsvLayout;
  readonly #tree: ValueTree;
  readonly #wasm: Exports;
  readonly #memory: ProjectorMemory;
  /** Absent where times are written as they are. */
  readonly #times: HourTemplates | undefined;
  readonly #readInstant: (text: string) => number;
  /** Event types by number, from 1. */
  readonly #types: string[] = [];
  readonly #typeNumbers = new Map<string, number>();

  /** Address after what arrived. */
  #inputEnd = 0;
  /** What arrived of a character that is not complete. */
  #tail: Uint8Array = nothing;
  /** Puts in replacement characters, once the answer turned out not to be UTF-8. */
  #decoder: TextDecoder | undefined;
  /** With fewer bytes it is not worth while to try again. */
  #worthTrying = 0;
  #totalCount: unknown;
  #links: unknown;
  /** Whether there is nothing in the answer that would take much memory once it is parsed. */
  #isOrdinary = true;
  /** Length of all types together. */
  #typesSize = 0;
  /** The CSV of the last page. */
  readonly #csv = new PageBuffer();

  /** @returns undefined where the columns are too many, or the machine has no use for WebAssembly */
  static create(layout: CsvLayout): Projector | undefined {
    const tree = new ValueTree(layout.columns);
    const keys = tree.members.reduce((sum, { key }) => sum + key.length, 0);
    if (layout.columns.length > mostColumns || tree.size > mostValues || keys > memberKeyRoom) {
      return undefined;
    }
    try {
      return new Projector(layout, tree);
    } catch (error) {
      // V8 reserves 10 GB of addresses, which some systems limit (ulimit -v), and needs SSE 4.1.
      if (error instanceof RangeError || error instanceof CompileError) {
        return undefined;
      }
      throw error;
    }
  }

  private constructor(layout: CsvLayout, tree: ValueTree) {
    this.#layout = layout;
    this.#tree = tree;
    const { timestampFormat } = layout;
    this.#times =
      timestampFormat === "raw" ? undefined : new HourTemplates(layout, timestampFormat);
    this.#readInstant = instantReader(layout);
    this.#wasm = this.#instantiate();
    this.#memory = new ProjectorMemory(this.#wasm.memory, this.#wasm.heapStart());
    this.#configure();
  }

  /** Begins with another answer. */
  begin(): void {
    const memory = this.#memory;
    this.#wasm.begin(memory.inputStart, memory.outputStart, memory.outputEnd);
    this.#inputEnd = memory.inputStart;
    this.#tail = nothing;
    this.#decoder = undefined;
    this.#worthTrying = 0;
    this.#totalCount = undefined;
    this.#links = undefined;
    this.#isOrdinary = true;
    if (this.#types.length > mostTypes || this.#typesSize > mostParsed) {
      this.#types.length = 0;
      this.#typesSize = 0;
      this.#typeNumbers.clear();
      this.#wasm.forgetTypes();
    }
  }

  /**
   * @returns whether the answer is one that the projector understands, so far
   * @throws AnswerTooLargeError where there is not enough memory for its CSV
   */
  add(bytes: Uint8Array): boolean {
    for (let start = 0; start < bytes.length; start += pieceSize) {
      if (!this.#lay(this.#validUtf8(bytes.subarray(start, start + pieceSize)))) {
        return false;
      }
      if (this.#inputEnd - this.#wasm.takenUntil() >= this.#worthTrying && !this.#advance()) {
        return false;
      }
    }
    return true;
  }

  /**
   * The page that the answer was.
   *
   * @param range as for `PageConverter.convert`
   * @returns the page, whose CSV is valid until the next one ends; undefined where the answer is not
   *   one that the projector understands
   * @throws MalformedAnswerError where it is no page
   */
  end(range: PageRange): ConvertedPage | undefined {
    const cutOff = this.#decoder ? this.#decoder.decode().length : this.#tail.length;
    return cutOff === 0 && this.#advance() && this.#wasm.isComplete()
      ? this.#page(range)
      : undefined;
  }

  /**
   * Puts a piece behind what has not been taken yet.
   *
   * @returns whether there is room for it
   */
  #lay(piece: Uint8Array): boolean {
    const memory = this.#memory;
    const wasm = this.#wasm;
    const start = memory.inputStart;
    const taken = wasm.takenUntil();
    memory.bytes.copyWithin(start, taken, this.#inputEnd);
    const left = this.#inputEnd - taken;
    const length = left + piece.length;
    if (!memory.hasInputRoom(length)) {
      if (!memory.growInput(length, wasm.csvEnd() - memory.outputStart)) {
        return false;
      }
      wasm.moveOutput(memory.outputStart, memory.outputEnd);
    }
    memory.bytes.set(piece, start + left);
    this.#inputEnd = start + length;
    // Where nothing follows, the walk finds zeros.
    memory.bytes.fill(0, this.#inputEnd, this.#inputEnd + padding);
    wasm.moveInput(start, this.#inputEnd);
    return true;
  }

  /** The next bytes, with replacement characters where they are not UTF-8, as `TextDecoder` has it. */
  #validUtf8(piece: Uint8Array): Uint8Array {
    if (!this.#decoder) {
      const joined = this.#tail.length > 0 ? Buffer.concat([this.#tail, piece]) : piece;
      const incomplete = incompleteLength(joined);
      const whole = incomplete > 0 ? joined.subarray(0, -incomplete) : joined;
      if (isUtf8(whole)) {
        // A copy, since the piece's memory is used for the next one.
        this.#tail = incomplete > 0 ? Buffer.from(joined.subarray(-incomplete)) : nothing;
        return whole;
      }
      this.#decoder = new TextDecoder("utf-8", { ignoreBOM: true });
      return Buffer.from(this.#decoder.decode(joined, { stream: true }));
    }
    return Buffer.from(this.#decoder.decode(piece, { stream: true }));
  }

  #advance(): boolean {
    const wasm = this.#wasm;
    const memory = this.#memory;
    for (;;) {
      const outcome = wasm.advance();
      if (wasm.csvEnd() - memory.outputStart > mostCsv) {
        throw pageTooLarge(
          `The CSV of a page is larger than ${formatSize(mostCsv)}, the most that is held in memory.`,
          wasm.rowCount(),
        );
      }
      if (outcome !== wasm.needsRoom.value) {
        this.#worthTrying = 2 * (this.#inputEnd - wasm.takenUntil());
        return outcome === wasm.needsMore.value && this.#isOrdinary;
      }
      if (!memory.growOutput()) {
        return false;
      }
      wasm.moveOutput(memory.outputStart, memory.outputEnd);
    }
  }

  #page(range: PageRange): ConvertedPage {
    const wasm = this.#wasm;
    const { bytes, outputStart } = this.#memory;
    const rows = wasm.rowCount();
    const times = new Float64Array(bytes.buffer, wasm.rowTimes.value, rows);
    const allIds = new Float64Array(bytes.buffer, wasm.rowIds.value, rows);
    const ends = new Uint32Array(bytes.buffer, wasm.rowEnds.value, rows);
    const types = new Int32Array(bytes.buffer, wasm.rowTypes.value, rows);
    const counts = new Uint32Array(this.#types.length + 1);
    /** Numbers of the types in the order in which they come. */
    const met: number[] = [];
    const { chosen, ...selection } = selectRange(times, range);
    const ids = new Float64Array(rows);
    let eventCount = 0;
    let length = 0;
    for (let row = 0; row < rows; row++) {
      if (chosen[row] === 0) {
        continue;
      }
      const start = row === 0 ? 0 : ends[row - 1]!;
      if (start > length) {
        bytes.copyWithin(outputStart + length, outputStart + start, outputStart + ends[row]!);
      }
      length += ends[row]! - start;
      ids[eventCount++] = allIds[row]!;
      const type = types[row]!;
      if (counts[type]! === 0) {
        met.push(type);
      }
      counts[type]! += 1;
    }
    return {
      ...selection,
      eventCount,
      ids: ids.subarray(0, eventCount),
      totalCount: readTotalCount(this.#totalCount),
      next: readNextLink(this.#links),
      ...this.#copyCsv(length),
      eventsByType: new Map(
        met
          // An event without a type has none to be counted by.
          .filter((number) => number > 0)
          .map((number) => [this.#types[number - 1] ?? "", counts[number]!]),
      ),
    };
  }

  /** No view of the projector's memory gets out of here: whoever kept one would see it empty later. */
  #copyCsv(length: number): Pick<ConvertedPage, "csv" | "checksum"> {
    const { bytes, outputStart } = this.#memory;
    const checksum = new Checksum();
    this.#csv.begin(length);
    for (let start = 0; start < length; start += pieceSize) {
      const end = outputStart + Math.min(length, start + pieceSize);
      const piece = bytes.subarray(outputStart + start, end);
      this.#csv.write(piece);
      checksum.update(piece);
    }
    return { csv: this.#csv.bytes(), checksum: checksum.digest() };
  }

  #configure(): void {
    const { columns, delimiter, recordDelimiter, quoteText, escapeFormulas, timestampFormat } =
      this.#layout;
    const wasm = this.#wasm;
    const tree = this.#tree;
    const { bytes } = this.#memory;
    const uses = new Map<string, number>();
    for (const { path } of columns) {
      uses.set(path[0] ?? "", (uses.get(path[0] ?? "") ?? 0) + 1);
    }
    wasm.configure(
      tree.properties.length,
      tree.size,
      columns.length,
      tree.property("type"),
      tree.property("timestamp"),
      tree.property("event_id"),
      delimiter.charCodeAt(0),
      recordDelimiter === "\r\n",
      quoteText,
      escapeFormulas,
      timestampFormat === "epoch",
      timestampFormat === "iso",
      Math.max(1, ...uses.values()),
      // Delimiters, the quotes of a blank record, and times, which may come out longer.
      columns.length + padding + longestTime * columns.length,
    );
    for (const [property, name] of tree.properties.entries()) {
      const key = Buffer.from(JSON.stringify(name));
      // Without an escape, a key has one spelling in bytes. With one, it is compared as text.
      if (key.length < longestKey && key.toString() === `"${name}"`) {
        wasm.addKey(property, ...this.#place(key));
      }
    }
    for (const { value, within, key, index } of tree.members) {
      wasm.addPathMember(value, within, ...this.#place(key), index);
    }
    for (const [column, { path, asSent }] of columns.entries()) {
      const isTime = path.length === 1 && !asSent && timeProperties.has(path[0] ?? "");
      bytes.writeInt32LE(tree.columns[column]!, wasm.columnValues.value + 4 * column);
      bytes[wasm.columnTimes.value + column] = isTime && this.#times ? 1 : 0;
    }
  }

  /** Puts bytes where the projector can read them. Returns their addresses. */
  #place(bytes: Uint8Array): [start: number, end: number] {
    const start = this.#memory.inputStart;
    this.#memory.bytes.set(bytes, start);
    return [start, start + bytes.length];
  }

  #instantiate(): Exports {
    module ??= new Module(readFileSync(new URL("../../dist/csv/projector.wasm", import.meta.url)));
    const host = {
      propertyOfKey: (start: number, end: number) => this.#tree.property(this.#textAt(start, end)),
      memberOfKey: (value: number, start: number, end: number) =>
        this.#tree.member(value, this.#textAt(start, end)),
      answerMember: (start: number, end: number) =>
        answerMembers.get(this.#textAt(start, end)) ?? 0,
      takeAnswerMember: (member: number, start: number, end: number) =>
        this.#takeAnswerMember(member, start, end),
      numberOfType: (start: number, end: number) => this.#numberOfType(this.#textAt(start, end)),
      readAnyTime: (start: number, end: number) => this.#readAnyTime(this.#textAt(start, end)),
      eventIdOf: (start: number, end: number) => hashEventId(this.#textAt(start, end)),
      readHour: (start: number) =>
        readInstant(`${this.#jsonAt(start, start + hourLength - 1)}00:00Z`),
      beginHour: (slot: number, time: number) => this.#beginHour(slot, time),
      writeAnyTime: (start: number, end: number, out: number) =>
        this.#writeAnyTime(start, end, out),
      writeAnyJson: (start: number, end: number, out: number) =>
        this.#writeAnyJson(start, end, out),
    };
    return new Instance(module, { host }).exports as Exports;
  }

  #isShort(length: number): boolean {
    this.#isOrdinary &&= length <= mostParsed;
    return this.#isOrdinary;
  }

  #jsonAt(start: number, end: number): string {
    return this.#memory.bytes.toString("utf8", start, end);
  }

  /** The text of a JSON string. */
  #textAt(start: number, end: number): string {
    return JSON.parse(this.#jsonAt(start, end));
  }

  #takeAnswerMember(member: number, start: number, end: number): void {
    if (!this.#isShort(end - start)) {
      return;
    }
    if (member === answerMembers.get("total_count")) {
      this.#totalCount = JSON.parse(this.#jsonAt(start, end));
    } else if (member === answerMembers.get("links")) {
      this.#links = JSON.parse(this.#jsonAt(start, end));
    }
  }

  #numberOfType(type: string): number {
    let number = this.#typeNumbers.get(type);
    if (number === undefined) {
      this.#typesSize += type.length;
      if (!this.#isShort(this.#typesSize)) {
        return 0;
      }
      number = this.#types.push(type);
      this.#typeNumbers.set(type, number);
    }
    return number;
  }

  #readAnyTime(text: string): number {
    const instant = this.#readInstant(text);
    if (usualTime.test(text) && !Number.isNaN(instant)) {
      const { bytes } = this.#memory;
      const hour = text.slice(0, hourLength - 1);
      bytes.write(`"${hour}`, this.#wasm.hourText.value);
      bytes.writeDoubleLE(readInstant(`${hour}00:00.000Z`), this.#wasm.hourTime.value);
    }
    return instant;
  }

  #beginHour(slot: number, start: number): void {
    const { hourMinutes, hourStarts, hourTemplates, hourTemplateLengths } = this.#wasm;
    const { bytes } = this.#memory;
    const template = this.#times?.ofHour(start);
    bytes.writeInt32LE(template?.minutes ?? -1, hourMinutes.value + 4 * slot);
    if (template) {
      const { texts } = template;
      bytes.writeDoubleLE(start / 1000, hourStarts.value + 8 * slot);
      bytes[hourTemplateLengths.value + slot] = texts[0].length;
      const address = hourTemplates.value + templatesPerSlot * longestTime * slot;
      bytes.write(texts[0], address, "latin1");
      bytes.write(texts[1], address + longestTime, "latin1");
    }
  }

  #writeAnyTime(start: number, end: number, out: number): number {
    const json = this.#jsonAt(start, end);
    const instant = this.#readInstant(json.startsWith('"') ? JSON.parse(json) : json);
    return Number.isNaN(instant) || !this.#times
      ? 0
      : out + this.#memory.bytes.write(this.#times.write(instant), out, "latin1");
  }

  /** What parsing and writing would change: the spelling of a string, or the order of keys. */
  #writeAnyJson(start: number, end: number, out: number): number {
    if (!this.#isShort(end - start)) {
      return out;
    }
    const { delimiter, quoteText } = this.#layout;
    const exact = exactJson(parseExactJson(this.#jsonAt(start, end)));
    const json = this.#layout.escapeFormulas ? escapeFormulasInJson(exact) : exact;
    const quoted = quoteText || json.includes('"') || json.includes(delimiter);
    const field = quoted ? `"${json.replaceAll('"', '""')}"` : json;
    return out + this.#memory.bytes.write(field, out);
  }
}

/** Number of bytes at the end that may be the beginning of a character. */
function incompleteLength(bytes: Uint8Array): number {
  for (let length = 1; length <= 3 && length <= bytes.length; length++) {
    const byte = bytes[bytes.length - length]!;
    if (byte < 0x80) {
      return 0;
    }
    if (byte >= 0xc0) {
      const characterLength = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : 2;
      return length < characterLength ? length : 0;
    }
  }
  return 0;
}
