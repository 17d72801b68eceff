import { stat } from "node:fs/promises";
import { BusyError } from "../errors.js";
import { flushFolder } from "../files/flush-folder.js";
import { requireSame } from "../partial/audit-totals.js";
import type { Journal } from "../partial/journal.js";
import type { ChunkEntry, PageEntry, PartEntry, PartsEntry } from "../partial/journal-entry.js";
import type { MainOutput } from "../partial/main-output.js";
import type { AssembledPage, PageAssembly } from "../partial/page-assembly.js";
import type { PartialFolder } from "../partial/partial-folder.js";
import { mainIn, partsIn } from "../partial/partial-names.js";
import type { ArrivedPage } from "../slices/page-sink.js";
import type { Slice } from "../slices/slice.js";
import type { Cut } from "../slices/slice-queue.js";
import type { Converted, OpenExport, TargetOptions, WrittenOutput } from "./export-target.js";
import { finishedPath } from "./finished-path.js";
import { keepIncomplete } from "./keep-incomplete.js";
import { LifeCycle } from "./life-cycle.js";
import { numberedPath } from "./numbered-path.js";
import { outputError } from "./output-error.js";
import { publish, publishAll } from "./publish.js";

/**
 * A file that appears under its name only when it is complete.
 *
 * Until then everything is in a folder beside it, named after it: the pages, what has been assembled
 * of them, and a journal that says which of them can be relied on, so that an interrupted export can
 * go on.
 */
export class FileExport implements OpenExport {
  readonly hasReader = false;
  readonly partsFolder: string;
  readonly #path: string;
  readonly #options: TargetOptions;
  readonly #folder: PartialFolder;
  readonly #journal: Journal;
  readonly #main: MainOutput;
  readonly #assembly: PageAssembly;
  readonly #life = new LifeCycle();
  /** Whether there is a page that a later run can build on. */
  #worthKeeping: boolean;

  constructor(
    path: string,
    options: TargetOptions,
    folder: PartialFolder,
    journal: Journal,
    main: MainOutput,
    assembly: PageAssembly,
    worthKeeping: boolean,
  ) {
    this.#path = path;
    this.#options = options;
    this.#folder = folder;
    this.#journal = journal;
    this.#main = main;
    this.#assembly = assembly;
    this.#worthKeeping = worthKeeping;
    this.partsFolder = partsIn(folder.path);
  }

  async addPage(slice: Slice, page: ArrivedPage): Promise<void> {
    await this.#add(slice, page, {
      type: "page",
      slice: slice.id,
      events: page.eventCount,
      eventsByType: [...page.eventsByType],
      bytes: page.content.length,
      checksum: page.checksum,
      next: slice.next,
      oldest: slice.oldest,
      totalCount: page.totalCount,
      firstId: page.ids.at(0),
      lastId: page.ids.at(-1),
      tooNew: page.tooNew,
      tooOld: page.tooOld,
      doubled: page.doubled,
      shifted: page.shifted,
    });
  }

  async addChunk(slice: Slice, chunk: AssembledPage): Promise<void> {
    await this.#add(slice, chunk, {
      type: "chunk",
      slice: slice.id,
      events: chunk.eventCount,
      bytes: chunk.content.length,
      checksum: chunk.checksum,
      isLast: slice.state === "done",
    });
  }

  async addCut({ slice, added }: Cut): Promise<void> {
    const times = added.map(({ to }) => to);
    await this.#takeIn(() => this.#journal.append({ type: "cut", slice: slice.id, times }));
  }

  async addJoin(slice: Slice, length: number): Promise<void> {
    await this.#takeIn(() => this.#journal.append({ type: "join", slice: slice.id, length }));
  }

  async addParts(entry: PartsEntry | PartEntry): Promise<void> {
    await this.#takeIn(() => this.#journal.append(entry));
    this.#worthKeeping = true;
  }

  async restart(slice: Slice): Promise<void> {
    await this.#takeIn(() =>
      this.#assembly.forget(slice, (main) =>
        this.#journal.append({ type: "restart", slice: slice.id, main }),
      ),
    );
  }

  async commit(): Promise<WrittenOutput> {
    return this.#end(async () => {
      await this.#requireFolder();
      const sizes = await this.#endMain();
      const converted = await this.#convert();
      const removed = await this.#publish(sizes.length);
      await this.#removeFolder();
      const paths = sizes.map((_, index) => numberedPath(this.#path, index + 1));
      const bytes = converted?.size ?? sizes.reduce((sum, size) => sum + size, 0);
      return {
        path: this.#path,
        paths,
        removed,
        bytes,
        workbook: converted?.workbook,
      };
    });
  }

  async keepIncomplete(): Promise<readonly string[]> {
    return this.#end(async () => {
      await this.#requireFolder();
      const sizes = await this.#endMain();
      await this.#convert();
      const paths = await keepIncomplete(
        this.#path,
        sizes.map((_, index) => index + 1),
        this.#options.splitRows !== undefined,
      );
      this.#worthKeeping = false;
      await this.#removeFolder();
      return paths;
    });
  }

  abandon(): Promise<string | undefined> {
    return this.#life.abandon(async () => {
      await this.#assembly.settled().catch(() => {});
      await this.#journal.close().catch(() => {});
      await this.#main.close().catch(() => {});
      return this.#folder.leaveOrRemove(this.#worthKeeping);
    });
  }

  /**
   * Ends the assembled files, and makes sure that they have what they should have.
   *
   * @returns their sizes, in their order
   */
  async #endMain(): Promise<readonly number[]> {
    await this.#assembly.advance();
    await this.#assembly.settled();
    await this.#main.end();
    const files = await Promise.all(
      this.#main.lengths.map(async (written, index) => {
        const { size: found } = await stat(mainIn(this.#folder.path, index + 1));
        return { written, found };
      }),
    );
    this.#assembly.audit(this.#options.format, files);
    return files.map(({ found }) => found);
  }

  /** Makes what the file is to be, if that is no CSV, and makes sure that every event is in it. */
  async #convert(): Promise<Converted | undefined> {
    const { conversion } = this.#options;
    if (!conversion) {
      return undefined;
    }
    const events = this.#assembly.records;
    const folder = this.#folder.path;
    const path = finishedPath(this.#path);
    const converted = await conversion.convert(mainIn(folder), path, folder, events);
    requireSame("events are in what was made of the CSV", converted.rows, events);
    return converted;
  }

  async #publish(parts: number): Promise<readonly string[]> {
    await this.#requireFolder();
    await this.#journal.append({ type: "publishing", parts });
    // Whoever finds only some of the names must find this too.
    await this.#journal.flush();
    await flushFolder(this.#folder.path);
    const { force, splitRows } = this.#options;
    if (splitRows !== undefined) {
      return publishAll(this.#path, parts, force, this.#options.format);
    }
    await publish(this.#path, force);
    return [];
  }

  async #removeFolder(): Promise<void> {
    await this.#journal.close().catch(() => {});
    await this.#folder.remove();
  }

  /** Nobody takes it away but by hand, since the lock of a living process is left alone. */
  async #requireFolder(): Promise<void> {
    if (!(await this.#folder.isHeld())) {
      throw new BusyError(`Another run has taken over the work on ${this.#path}.`, {
        hint: "Its lock was removed while it ran. Wait for the other run.",
      });
    }
  }

  /** @param entry about the page, with what the slice is after it: that may have changed when it is written */
  async #add(slice: Slice, page: AssembledPage, entry: PageEntry | ChunkEntry): Promise<void> {
    const done = slice.state === "done";
    await this.#takeIn(async () => {
      await this.#assembly.add(slice, page, (main) => {
        this.#worthKeeping = true;
        return this.#journal.append({ ...entry, main });
      });
      if (done) {
        await this.#assembly.advance();
      }
    });
  }

  #takeIn(work: () => Promise<void>): Promise<void> {
    this.#life.requireOpen();
    return this.#explain(work);
  }

  #end<Result>(work: () => Promise<Result>): Promise<Result> {
    return this.#life.end(() => this.#explain(work));
  }

  async #explain<Result>(work: () => Promise<Result>): Promise<Result> {
    try {
      return await work();
    } catch (error) {
      throw outputError(error, this.#path);
    }
  }
}
