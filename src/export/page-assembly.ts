import { open, unlink } from "node:fs/promises";
import { join } from "node:path";
import { crc32 } from "node:zlib";
import { DamagedExportError } from "./damaged-export-error.js";
import { type Flushable, FlushQueue } from "./flush-queue.js";
import type { MainState } from "./journal.js";
import { type MainOutput, writeWhole } from "./main-file.js";
import type { Slice } from "./slice.js";

export interface PageAssemblyOptions {
  readonly main: MainOutput;
  /** Folder for pages whose turn has not come. */
  readonly folder: string;
  /** Slices in the order of the output; the list may grow. */
  readonly slices: readonly Slice[];
  /** Whether pages must survive a power loss. */
  readonly durable: boolean;
  /** Whether a page whose turn has come goes straight into the output. */
  readonly direct: boolean;
  /** Puts on record, safely, that pages from files are a part of the output; then those are deleted. */
  readonly onMain: (main: MainState) => Promise<void>;
}

/** How a page is safe: in the output, or in a file, whose CRC-32 tells whether it is the one written. */
export type PagePlace = { readonly main: MainState } | { readonly checksum: number };

/** A page that waits for its turn in a file. */
interface WaitingPage {
  readonly path: string;
  readonly bytes: number;
  readonly records: number;
  /** How much of the page the output has already, in bytes. */
  readonly skip: number;
  /** Resolves when the page is on record. */
  readonly recorded: Promise<void>;
  /** Ends in a flush of the file. */
  readonly timer?: NodeJS.Timeout | undefined;
}

/**
 * Most pages that wait are in the output sooner, and are never flushed. What a power loss takes before
 * that is noticed by its checksum, and fetched again.
 */
const flushAfter = 1_000;

const pieceSize = 1 << 20;

/** What of a slice was given to the output. */
interface Given {
  readonly pages: number;
  readonly records: number;
  readonly bytes: number;
}

/**
 * Brings the pages of all slices into one output, newest first, whatever the order in which they
 * arrive. Pages whose turn has not come wait on disk, not in memory.
 */
export class PageAssembly {
  readonly #options: PageAssemblyOptions;
  readonly #waiting = new Map<Slice, WaitingPage[]>();
  /** Pages that are in the output, but for what it holds back; the first ends first. */
  readonly #consumed: { end: number; path: string }[] = [];
  /** The slice whose turn it is. */
  #turn = 0;
  /** Size of the CSV that was given to the output. */
  #given: number;
  /** Number of records in the pages that were given to the output, or that it is being given. */
  #records = 0;
  readonly #givenOf = new Map<Slice, Given>();
  #work: Promise<void> = Promise.resolve();
  readonly #flushes = new FlushQueue();
  /** Resolves when the files of all pages on record as part of the output are gone. */
  #deleted: Promise<unknown> = Promise.resolve();
  /** Memory that waiting pages go through, a piece at a time. */
  readonly #piece = Buffer.allocUnsafeSlow(pieceSize);

  /** @param given size of the CSV that the output holds already, header included */
  constructor(options: PageAssemblyOptions, given: number) {
    this.#options = options;
    this.#given = given;
  }

  /**
   * @param csv may be used again when the promise resolves
   * @param records number of records in `csv`
   * @param record called when the page is safe
   */
  add(
    slice: Slice,
    csv: Uint8Array,
    records: number,
    record: (place: PagePlace) => Promise<void>,
  ): Promise<void> {
    return this.#options.direct && this.#options.slices[this.#turn] === slice
      ? this.#enqueue(() => this.#addToMain(slice, csv, records, record))
      : this.#addWaiting(slice, csv, records, record);
  }

  async #addToMain(
    slice: Slice,
    csv: Uint8Array,
    records: number,
    record: (place: PagePlace) => Promise<void>,
  ): Promise<void> {
    const { main, durable } = this.#options;
    this.#countGiven(slice, { pages: 1, records, bytes: csv.length });
    await this.#give(csv);
    const { state } = main;
    this.#flushes.add(durable ? main : needsNoFlush, () => record({ main: state }));
    await this.#flushes.backPressure();
  }

  async #addWaiting(
    slice: Slice,
    csv: Uint8Array,
    records: number,
    record: (place: PagePlace) => Promise<void>,
  ): Promise<void> {
    const path = join(this.#options.folder, pageName(slice, slice.pages));
    const written = writeNew(path, csv);
    const checksum = crc32(csv);
    // A page must not come into the output before it is on record: it would come in twice.
    const recorded = this.#flushes.add({ sync: () => written }, () => record({ checksum }));
    const timer = this.#options.durable ? this.#flushLater(path) : undefined;
    this.#waitingOf(slice).push({ path, bytes: csv.length, records, skip: 0, recorded, timer });
    await written;
    await this.#flushes.backPressure();
  }

  #flushLater(path: string): NodeJS.Timeout {
    const flush = () => this.#flushes.add({ sync: () => flushFile(path) }, async () => {});
    return setTimeout(flush, flushAfter).unref();
  }

  /**
   * Takes up a page of an interrupted run.
   *
   * @param page number of the page in its slice, from 1
   * @param records number of records in the page
   * @param bytes size of the page
   * @param start where the page begins in the whole CSV
   */
  restore(slice: Slice, page: number, records: number, bytes: number, start: number): void {
    const { main, folder } = this.#options;
    const skip = Math.min(bytes, Math.max(0, main.state.consumed - start));
    if (skip === bytes) {
      this.#countGiven(slice, { pages: 1, records, bytes });
    } else {
      this.#countGiven(slice, { pages: 0, records: 0, bytes: skip });
      const path = join(folder, pageName(slice, page));
      this.#waitingOf(slice).push({ path, bytes, records, skip, recorded: Promise.resolve() });
    }
  }

  /**
   * Forgets the pages of a slice that starts over.
   *
   * @param record called before the output is rewound, with the state that it will have
   */
  forget(slice: Slice, record: (main?: MainState) => Promise<void>): Promise<void> {
    const { main } = this.#options;
    return this.#enqueue(async () => {
      await this.#flushes.settled();
      for (const { timer } of this.#waitingOf(slice).splice(0)) {
        clearTimeout(timer);
      }
      const { bytes, records } = this.#givenOfSlice(slice);
      this.#givenOf.delete(slice);
      if (bytes === 0) {
        await record();
        return;
      }
      // The slice is not done, so nothing comes after it in the output.
      this.#given -= bytes;
      this.#records -= records;
      await main.rewind?.(this.#given, this.#records, record);
    });
  }

  /** Passes the turn on over slices that are done, and takes in what waits for it. */
  advance(): Promise<void> {
    return this.#enqueue(() => this.#advance());
  }

  /** Resolves when everything that was asked for before is done and on record. */
  settled(): Promise<void> {
    return this.#enqueue(async () => {
      await this.#flushes.settled();
      await this.#deleted;
    });
  }

  async #advance(): Promise<void> {
    const { slices, direct } = this.#options;
    for (let slice = slices[this.#turn]; slice; slice = slices[this.#turn]) {
      if (slice.state !== "done" && !direct) {
        return;
      }
      await this.#takeIn(slice);
      // The last page of a slice that is done may still be on its way here.
      if (slice.state !== "done" || this.#givenOfSlice(slice).pages < slice.pages) {
        return;
      }
      this.#turn += 1;
    }
  }

  /** Pages may be added to the slice while this runs; those come in too. */
  async #takeIn(slice: Slice): Promise<void> {
    const pages = this.#waitingOf(slice);
    for (let page = pages.shift(); page; page = pages.shift()) {
      clearTimeout(page.timer);
      await page.recorded;
      await this.#giveFile(slice, page);
      this.#consumed.push({ end: this.#given, path: page.path });
    }
    await this.#deleteConsumed();
  }

  async #give(csv: Uint8Array): Promise<void> {
    await this.#options.main.append(csv, this.#records);
    this.#given += csv.length;
  }

  /** @throws DamagedExportError where the file is not what was written */
  async #giveFile(slice: Slice, { path, bytes, records, skip }: WaitingPage): Promise<void> {
    const file = await open(path, "r").catch((error: unknown) => {
      throw new DamagedExportError(path, error);
    });
    try {
      if ((await file.stat()).size !== bytes) {
        throw new DamagedExportError(path);
      }
      this.#countGiven(slice, { pages: 1, records, bytes: bytes - skip });
      for (let position = skip; position < bytes; ) {
        const { bytesRead } = await file.read(this.#piece, 0, this.#piece.length, position);
        if (bytesRead === 0) {
          throw new DamagedExportError(path);
        }
        await this.#give(this.#piece.subarray(0, bytesRead));
        position += bytesRead;
      }
    } finally {
      await file.close();
    }
  }

  #givenOfSlice(slice: Slice): Given {
    return this.#givenOf.get(slice) ?? { pages: 0, records: 0, bytes: 0 };
  }

  #countGiven(slice: Slice, { pages, records, bytes }: Given): void {
    const before = this.#givenOfSlice(slice);
    this.#records += records;
    this.#givenOf.set(slice, {
      pages: before.pages + pages,
      records: before.records + records,
      bytes: before.bytes + bytes,
    });
  }

  async #deleteConsumed(): Promise<void> {
    const { main, durable, onMain } = this.#options;
    const { consumed } = main.state;
    const last = this.#consumed.findLastIndex(({ end }) => end <= consumed);
    if (last === -1) {
      return;
    }
    const { state } = main;
    const paths = this.#consumed.splice(0, last + 1).map(({ path }) => path);
    const [partly] = this.#consumed;
    if (durable && partly) {
      // A page of which the output has a part cannot be fetched again.
      this.#flushes.add({ sync: () => flushFile(partly.path) }, async () => {});
    }
    const recorded = this.#flushes.add(durable ? main : needsNoFlush, () => onMain(state));
    this.#deleted = Promise.all([this.#deleted, recorded.then(() => deleteAll(paths))]);
    this.#deleted.catch(() => {});
    await this.#flushes.backPressure();
  }

  #waitingOf(slice: Slice): WaitingPage[] {
    const pages = this.#waiting.get(slice) ?? [];
    this.#waiting.set(slice, pages);
    return pages;
  }

  #enqueue(task: () => Promise<void>): Promise<void> {
    const done = this.#work.then(task);
    this.#work = done;
    // A failure ends the run through whoever awaits it; the chain itself must not count as unhandled.
    done.catch(() => {});
    return done;
  }
}

/** @param page number of the page in its slice, from 1 */
export function pageName(slice: Slice, page: number): string {
  return `page-${slice.id}-${page}`;
}

const needsNoFlush: Flushable = { sync: async () => {} };

async function writeNew(path: string, bytes: Uint8Array): Promise<void> {
  const file = await open(path, "w", 0o600);
  try {
    await writeWhole(file, bytes);
  } finally {
    await file.close();
  }
}

async function deleteAll(paths: readonly string[]): Promise<void> {
  for (const path of paths) {
    await unlink(path);
  }
}

async function flushFile(path: string): Promise<void> {
  const file = await open(path, "r+");
  try {
    await file.datasync();
  } finally {
    await file.close();
  }
}
