import { open } from "node:fs/promises";
import { Checksum } from "../checksum.js";
import type { ConvertedPage } from "../pages/page-converter.js";
import type { Slice } from "../slices/slice.js";
import { auditTotals, type Format, type Written } from "./audit-totals.js";
import { DamagedExportError } from "./damaged-export-error.js";
import { type Flushable, FlushQueue } from "./flush-queue.js";
import { GivenTally } from "./given-tally.js";
import type { MainState } from "./journal-entry.js";
import type { MainOutput } from "./main-output.js";
import { deleteAll, flushFile, writeNew } from "./page-file.js";
import { pageIn } from "./partial-names.js";

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

/** Puts a page on record once it is safe: in the output, whose state is given then, or in a file. */
type RecordPage = (main?: MainState) => Promise<void>;

/** A page as it was converted. */
export type AssembledPage = Pick<ConvertedPage, "content" | "checksum" | "eventCount">;

/** What is on record about a page. */
export interface PageFacts {
  readonly bytes: number;
  readonly records: number;
  readonly checksum: string;
}

/** A page that waits for its turn in a file. */
interface WaitingPage extends PageFacts {
  readonly path: string;
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
  /** How many bytes were given to the output. */
  #given: number;
  readonly #tally = new GivenTally();
  #work: Promise<void> = Promise.resolve();
  readonly #flushes = new FlushQueue();
  /** Resolves when the files of all pages on record as part of the output are gone. */
  #deleted: Promise<unknown> = Promise.resolve();
  /** Memory that waiting pages go through, a piece at a time. */
  readonly #piece = Buffer.allocUnsafeSlow(pieceSize);

  /** @param given how many bytes the output holds already, header included */
  constructor(options: PageAssemblyOptions, given: number) {
    this.#options = options;
    this.#given = given;
  }

  /**
   * @param page whose content may be overwritten when the promise resolves
   * @param record called when the page is safe
   */
  add(slice: Slice, page: AssembledPage, record: RecordPage): Promise<void> {
    return this.#options.direct && this.#options.slices[this.#turn] === slice
      ? this.#enqueue(() => this.#addToMain(slice, page, record))
      : this.#addWaiting(slice, page, record);
  }

  async #addToMain(
    slice: Slice,
    { content, eventCount }: AssembledPage,
    record: RecordPage,
  ): Promise<void> {
    const { main, durable } = this.#options;
    this.#tally.addPage(slice, eventCount);
    await this.#give(slice, content);
    const { state } = main;
    this.#flushes.add(durable ? main : needsNoFlush, () => record(state));
    await this.#flushes.backPressure();
  }

  async #addWaiting(
    slice: Slice,
    { content, checksum, eventCount: records }: AssembledPage,
    record: RecordPage,
  ): Promise<void> {
    const path = pageIn(this.#options.folder, slice.id, slice.pages);
    const bytes = content.length;
    const written = writeNew(path, content);
    // A page must not come into the output before it is on record: it would come in twice.
    const recorded = this.#flushes.add({ sync: () => written }, () => record());
    const timer = this.#options.durable ? this.#flushLater(path) : undefined;
    this.#waitingOf(slice).push({ path, bytes, records, checksum, skip: 0, recorded, timer });
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
   * @param facts on record about the page
   * @param start where the page begins in the whole output
   */
  restore(slice: Slice, page: number, facts: PageFacts, start: number): void {
    const { main, folder } = this.#options;
    const skip = Math.min(facts.bytes, Math.max(0, main.state.consumed - start));
    this.#tally.addBytes(slice, skip);
    if (skip === facts.bytes) {
      this.#tally.addPage(slice, facts.records);
    } else {
      const path = pageIn(folder, slice.id, page);
      this.#waitingOf(slice).push({ ...facts, path, skip, recorded: Promise.resolve() });
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
      const { bytes } = this.#tally.of(slice);
      this.#tally.forget(slice);
      if (bytes === 0) {
        await record();
        return;
      }
      // The slice is not done, so nothing comes after it in the output.
      this.#given -= bytes;
      await main.rewind?.(this.#given, this.#tally.records, record);
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

  /**
   * To be called when all pages were added and the output has ended.
   *
   * @param format of the output
   * @throws AuditError where the output does not have what the pages account for
   */
  audit(format: Format, files: Written["files"]): void {
    const { main, slices } = this.#options;
    const { consumed } = main.state;
    auditTotals(slices, (slice) => this.#tally.of(slice), format, { consumed, files });
  }

  /** Number of records that were given to the output. */
  get records(): number {
    return this.#tally.records;
  }

  async #advance(): Promise<void> {
    const { slices, direct } = this.#options;
    for (let slice = slices[this.#turn]; slice; slice = slices[this.#turn]) {
      if (slice.state !== "done" && !direct) {
        return;
      }
      await this.#takeIn(slice);
      // The last page of a slice that is done may still be on its way here.
      if (slice.state !== "done" || this.#tally.of(slice).pages < slice.pages) {
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

  async #give(slice: Slice, content: Uint8Array): Promise<void> {
    await this.#options.main.append(content, this.#tally.records);
    this.#given += content.length;
    this.#tally.addBytes(slice, content.length);
  }

  /** @throws DamagedExportError where the file is not what was written */
  async #giveFile(slice: Slice, page: WaitingPage): Promise<void> {
    const { path, bytes, records, skip } = page;
    const file = await open(path, "r").catch((error: unknown) => {
      throw new DamagedExportError(path, error);
    });
    try {
      if ((await file.stat()).size !== bytes) {
        throw new DamagedExportError(path);
      }
      this.#tally.addPage(slice, records);
      const checksum = new Checksum();
      for (let position = 0; position < bytes; ) {
        const { bytesRead } = await file.read(this.#piece, 0, this.#piece.length, position);
        if (bytesRead === 0) {
          throw new DamagedExportError(path);
        }
        const piece = this.#piece.subarray(0, bytesRead);
        checksum.update(piece);
        const missing = piece.subarray(Math.max(0, skip - position));
        if (missing.length > 0) {
          await this.#give(slice, missing);
        }
        position += bytesRead;
      }
      if (checksum.digest() !== page.checksum) {
        throw new DamagedExportError(path);
      }
    } finally {
      await file.close();
    }
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

const needsNoFlush: Flushable = { sync: async () => {} };
