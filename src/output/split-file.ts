import type { RecordFormat } from "../formats/record-format.js";
import type { RecordScanner } from "../pages/record-scanner.js";
import { DamagedExportError } from "../partial/damaged-export-error.js";
import type { FileState, FullEntry, MainState } from "../partial/journal-entry.js";
import type { MainOutput } from "../partial/main-output.js";

export interface SplitFileOptions {
  /** Path of a file, by its number from 1. */
  readonly pathOf: (part: number) => string;
  /** The most records in a file, the header aside. */
  readonly splitRows: number;
  /** Of the records; its header begins every file. */
  readonly format: Pick<RecordFormat, "header" | "openScanner">;
  /** Opens a file. What is in the files before it counts as consumed. */
  readonly openPart: (path: string, state: MainState) => Promise<MainOutput>;
  /** Called when a file has all of its records. */
  readonly onFull: (entry: FullEntry) => Promise<void>;
}

/** How much of the records is in the output: whole ones, and what of the next one was read. */
export interface RecordPosition {
  readonly records: number;
  readonly scanner: RecordScanner;
}

/**
 * Several files, each with the header and at most so many records. `consumed` counts the bytes that were
 * appended, so the header once.
 *
 * Pages come with the number of their records, so their bytes are looked at only where one file ends
 * in the midst of a page.
 */
export class SplitFile implements MainOutput {
  readonly #options: SplitFileOptions;
  readonly rewind: MainOutput["rewind"];
  #file: MainOutput;
  /** Size of each file before the current one. */
  readonly #full: number[];
  /** How many bytes were appended when the current file began. */
  #start: number;
  /** How many bytes were appended. */
  #given: number;
  /** Number of records that have a file, some of which may be still to come. */
  #records: number;
  /** Number of records that are still to come before the current file is full; undefined while nobody counts. */
  #toFull: number | undefined;
  /** Resolves when the current file can be written to. */
  #ready: Promise<void> = Promise.resolve();
  /** Within the page that is being cut. */
  #scanner: RecordScanner | undefined;

  private constructor(
    options: SplitFileOptions,
    file: MainOutput,
    full: number[],
    consumed: number,
    { records, scanner }: RecordPosition,
  ) {
    this.#options = options;
    this.#file = file;
    this.#full = full;
    this.#start = full.length === 0 ? 0 : consumed;
    this.#given = consumed;
    this.#records = records;
    this.#scanner = scanner;
    this.rewind =
      file.rewind && ((consumed, records, record) => this.#rewind(consumed, records, record));
  }

  /**
   * @param full the files before that of `state`, by number
   * @param position of `state.consumed`
   * @throws DamagedExportError where a file is not what it was
   */
  static async open(
    options: SplitFileOptions,
    { part = 1, ...state }: MainState,
    full: ReadonlyMap<number, FileState>,
    position: RecordPosition,
  ): Promise<SplitFile> {
    const { pathOf, format, openPart } = options;
    const { header } = format;
    const { length, consumed } = state;
    const lengths = Array.from({ length: part - 1 }, (_, index) => {
      const file = full.get(index + 1);
      if (!file) {
        throw new DamagedExportError(pathOf(index + 1));
      }
      return file.length;
    });
    const begins = part > 1 && length === 0;
    const file = await openPart(pathOf(part), {
      ...state,
      consumed: begins ? consumed - header.length : consumed,
    });
    if (begins) {
      await file.append(header, position.records);
    }
    return new SplitFile(options, file, lengths, consumed, position);
  }

  /** Number of the current file, from 1. */
  get #part(): number {
    return this.#full.length + 1;
  }

  get lengths(): readonly number[] {
    return [...this.#full, ...this.#file.lengths];
  }

  get state(): MainState {
    const state = this.#file.state;
    // A file whose header is not certain to be there is begun again.
    return state.consumed < this.#start
      ? { length: 0, consumed: this.#start, part: this.#part }
      : { ...state, part: this.#part };
  }

  async append(bytes: Uint8Array, records: number): Promise<void> {
    let rest = bytes;
    for (;;) {
      const full = this.#part * this.#options.splitRows;
      if (this.#toFull === undefined) {
        if (records <= full) {
          this.#records = records;
          this.#scanner = undefined;
          await this.#write(rest);
          return;
        }
        this.#toFull = full - this.#records;
      }
      this.#scanner ??= this.#options.format.openScanner();
      const read = this.#scanner.read(rest, this.#toFull);
      await this.#write(rest.subarray(0, read.end));
      this.#toFull -= read.records;
      if (this.#toFull > 0) {
        return;
      }
      rest = rest.subarray(read.end);
      this.#ready = this.#beginNext();
      await this.#ready;
      this.#records = full;
      this.#toFull = undefined;
      this.#scanner = undefined;
    }
  }

  async sync(): Promise<void> {
    await this.#ready;
    await this.#file.sync();
  }

  async end(): Promise<void> {
    await this.#file.end();
  }

  async close(): Promise<void> {
    await this.#file.close();
  }

  async #write(bytes: Uint8Array): Promise<void> {
    await this.#file.append(bytes, this.#records);
    this.#given += bytes.length;
  }

  async #beginNext(): Promise<void> {
    const { pathOf, format, openPart, onFull } = this.#options;
    const { header } = format;
    await this.#file.end();
    const { length, crc } = this.#file.state;
    await onFull({ type: "full", part: this.#part, length, crc });
    const next = await openPart(pathOf(this.#part + 1), {
      length: 0,
      consumed: this.#given - header.length,
    });
    this.#full.push(length);
    this.#file = next;
    this.#start = this.#given;
    await this.#file.append(header, this.#records);
  }

  async #rewind(
    consumed: number,
    records: number,
    record: (state: MainState) => Promise<void>,
  ): Promise<void> {
    const { pathOf, format, splitRows, openPart } = this.#options;
    const { header } = format;
    const part = Math.max(1, Math.ceil(records / splitRows));
    const full = this.lengths.slice(0, part - 1);
    const headers = Math.max(0, part - 2) * header.length;
    const start = full.reduce((sum, length) => sum + length, -headers);
    const length = consumed - start + (part === 1 ? 0 : header.length);
    await record({ length, consumed, part });
    await this.#file.close();
    this.#file = await openPart(pathOf(part), { length, consumed });
    this.#full.length = part - 1;
    this.#start = start;
    this.#given = consumed;
    this.#records = records;
    this.#toFull = undefined;
    this.#scanner = undefined;
  }
}
