import { lstat, open, realpath, stat } from "node:fs/promises";
import { join } from "node:path";
import { BusyError, UsageError } from "../errors.js";
import { flushFolder } from "../files/flush-folder.js";
import { openPipe } from "../files/named-pipe.js";
import { requireSame } from "../partial/audit.js";
import type { ExportState } from "../partial/export-state.js";
import {
  type ExportIdentity,
  Journal,
  type JournalEntry,
  type PartEntry,
  type PartsEntry,
} from "../partial/journal.js";
import type { MainOutput } from "../partial/main-file.js";
import { PageAssembly } from "../partial/page-assembly.js";
import { PartialFolder, partsFolderIn } from "../partial/partial-folder.js";
import { restoreExport } from "../partial/restore-export.js";
import type { Slice } from "../slices/slice.js";
import type { Cut } from "../slices/slice-queue.js";
import type { Workbook } from "../workbook/write-workbook.js";
import type { ArrivedPage, ExportTarget, TargetOptions, WrittenOutput } from "./export-target.js";
import { numberedPath, takenNumbers } from "./numbered-path.js";
import { openMain } from "./open-main.js";
import { openError, outputError } from "./output-error.js";
import { isWorkbook } from "./output-format.js";
import {
  finishedPath,
  keepIncomplete,
  mainPath,
  publish,
  publishAll,
  refuseOther,
  settlePublishing,
  statIfAny,
} from "./publish.js";
import { openStreamTarget, refuseSplitting } from "./stream-target.js";

/**
 * A file that appears under its name only when it is complete.
 *
 * Until then everything is in a folder beside it, named after it: the pages, what has been assembled
 * of them, and a journal that says which of them can be relied on, so that an interrupted export can
 * go on.
 */
export class FileTarget implements ExportTarget {
  readonly restored: ExportState | undefined;
  readonly hasReader = false;
  readonly partsFolder: string;
  readonly #path: string;
  readonly #options: TargetOptions;
  readonly #folder: PartialFolder;
  #journal: Journal | undefined;
  #main: MainOutput | undefined;
  #assembly: PageAssembly | undefined;
  /** Whether there is a page that a later run can build on. */
  #worthKeeping: boolean;

  private constructor(
    path: string,
    options: TargetOptions,
    folder: PartialFolder,
    restored: ExportState | undefined,
  ) {
    this.#path = path;
    this.#options = options;
    this.#folder = folder;
    this.restored = restored;
    this.partsFolder = partsFolderIn(folder.path);
    this.#worthKeeping = restored !== undefined;
  }

  static async open(target: string, options: TargetOptions): Promise<ExportTarget> {
    try {
      if (target === "") {
        throw new UsageError("The name of the output file is empty.", {
          hint: "For example: --out events.csv",
        });
      }
      const existing = await statIfAny(target);
      if (!existing && (await isLink(target))) {
        throw new UsageError(`${target} is a symbolic link to a file that does not exist.`, {
          hint: "Remove it, or name another file with --out.",
        });
      }
      if (existing?.isDirectory()) {
        throw new UsageError(`${target} is a folder.`, {
          hint: `Name a file in it: --out ${join(target, isWorkbook(target) ? "events.xlsx" : "events.csv")}`,
        });
      }
      if (existing && !existing.isFile()) {
        refuseSplitting(options.splitRows, target);
        refuseWorkbook(options, target);
        return await openDevice(target, existing.isFIFO(), options);
      }
      // The file that a symbolic link leads to is replaced, not the link.
      const path = (await isLink(target)) ? await realpath(target) : target;
      if (isWorkbook(path) !== isWorkbook(target)) {
        throw new UsageError(`${target} leads to ${path}, whose name is that of another format.`, {
          hint: "Name the file itself with --out.",
        });
      }
      await settlePublishing(path);
      if (!options.force && (await statIfAny(target))) {
        throw existsAlready(target);
      }
      if (options.splitRows !== undefined) {
        await refuseTaken(path, 2, options.force);
      }
      return await FileTarget.#openFolder(path, options);
    } catch (error) {
      throw openError(error, target);
    }
  }

  static async #openFolder(path: string, options: TargetOptions): Promise<FileTarget> {
    const folder = await PartialFolder.open(path);
    try {
      const restored = await restoreExport(path, folder, options);
      return new FileTarget(path, options, folder, restored);
    } catch (error) {
      await folder.leave();
      throw error;
    }
  }

  async begin(state: ExportState): Promise<void> {
    await this.#explain(async () => {
      const { header, identity, splitRows, force } = this.#options;
      const folder = this.#folder.path;
      if (splitRows !== undefined) {
        await refuseTaken(this.#path, Math.ceil((state.count ?? 0) / splitRows) + 1, force);
      }
      this.#journal = await Journal.open(join(folder, "journal"));
      if (!this.restored) {
        await this.#journal.append(firstEntry(identity, state));
      }
      const main = await openMain(this.#path, state, header, splitRows, (entry) =>
        this.#append(entry),
      );
      this.#main = main;
      if (state.main.consumed === 0) {
        await main.append(header, 0);
      }
      this.#assembly = new PageAssembly(
        {
          main,
          folder,
          slices: state.queue.slices,
          durable: true,
          // What is in a gzipped file cannot be taken back when a slice starts over.
          direct: main.rewind !== undefined,
          onMain: async (reached) => {
            await this.#append({ type: "main", main: reached });
            await this.#journal?.flush();
          },
        },
        Math.max(header.length, state.main.consumed),
      );
      restorePages(this.#assembly, state, header.length);
      await this.#assembly.advance();
    });
  }

  async addPage(slice: Slice, page: ArrivedPage): Promise<void> {
    const { next, oldest } = slice;
    const done = slice.state === "done";
    await this.#explain(async () => {
      const entry = {
        type: "page",
        slice: slice.id,
        events: page.eventCount,
        eventsByType: [...page.eventsByType],
        bytes: page.csv.length,
        checksum: page.checksum,
        next: done ? undefined : next,
        oldest,
        totalCount: page.totalCount,
        firstId: page.ids.at(0),
        lastId: page.ids.at(-1),
        tooNew: page.tooNew,
        tooOld: page.tooOld,
        doubled: page.doubled,
        shifted: page.shifted,
      } as const;
      await this.#assembly?.add(slice, page, (main) => {
        this.#worthKeeping = true;
        return this.#append({ ...entry, main });
      });
      if (done) {
        await this.#assembly?.advance();
      }
    });
  }

  async addCut({ slice, added }: Cut): Promise<void> {
    const times = added.map(({ to }) => to);
    await this.#explain(() => this.#append({ type: "cut", slice: slice.id, times }));
  }

  async addJoin(slice: Slice, length: number): Promise<void> {
    await this.#explain(() => this.#append({ type: "join", slice: slice.id, length }));
  }

  async addParts(entry: PartsEntry | PartEntry): Promise<void> {
    await this.#explain(() => this.#append(entry));
    this.#worthKeeping = true;
  }

  async restart(slice: Slice): Promise<void> {
    await this.#explain(async () => {
      await this.#assembly?.forget(slice, (main) =>
        this.#append({ type: "restart", slice: slice.id, main }),
      );
    });
  }

  async commit(): Promise<WrittenOutput> {
    return this.#explain(async () => {
      await this.#requireFolder();
      const sizes = await this.#endMain();
      const workbook = await this.#buildWorkbook();
      const removed = await this.#publish(sizes.length);
      await this.#removeFolder();
      const paths = sizes.map((_, index) => numberedPath(this.#path, index + 1));
      const bytes = workbook?.size ?? sizes.reduce((sum, size) => sum + size, 0);
      return {
        path: this.#path,
        paths,
        removed,
        bytes,
        workbook: workbook && { sheets: workbook.sheets, cutTexts: workbook.cutTexts },
      };
    });
  }

  async keepIncomplete(): Promise<readonly string[]> {
    return this.#explain(async () => {
      await this.#requireFolder();
      const sizes = await this.#endMain();
      await this.#buildWorkbook();
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

  async abandon(): Promise<string | undefined> {
    await this.#assembly?.settled().catch(() => {});
    await this.#journal?.close().catch(() => {});
    await this.#main?.close().catch(() => {});
    if (!this.#worthKeeping) {
      await this.#removeFolder();
      return undefined;
    }
    const isOurs = await this.#folder.isHeld();
    await this.#folder.leave();
    return isOurs ? this.#folder.path : undefined;
  }

  async #append(entry: JournalEntry): Promise<void> {
    await this.#journal?.append(entry);
  }

  /**
   * Ends the assembled files, and makes sure that they have what they should have.
   *
   * @returns their sizes, in their order
   */
  async #endMain(): Promise<readonly number[]> {
    await this.#assembly?.advance();
    await this.#assembly?.settled();
    await this.#main?.end();
    const files = await Promise.all(
      (this.#main?.lengths ?? []).map(async (written, index) => {
        const { size: found } = await stat(mainPath(this.#path, index + 1));
        return { written, found };
      }),
    );
    this.#assembly?.audit(this.#options.header.length, files);
    return files.map(({ found }) => found);
  }

  /** Makes the workbook that was asked for, if any, and makes sure that every event is in it. */
  async #buildWorkbook(): Promise<Workbook | undefined> {
    const events = this.#assembly?.records ?? 0;
    const workbook = await this.#options.buildWorkbook?.(
      mainPath(this.#path),
      finishedPath(this.#path),
      events,
    );
    if (workbook) {
      requireSame("events are in the workbook", workbook.rows, events);
    }
    return workbook;
  }

  async #publish(parts: number): Promise<readonly string[]> {
    await this.#requireFolder();
    await this.#append({ type: "publishing", parts });
    // Whoever finds only some of the names must find this too.
    await this.#journal?.flush();
    await flushFolder(this.#folder.path);
    const { force, splitRows } = this.#options;
    if (splitRows !== undefined) {
      return publishAll(this.#path, parts, force, this.#options.header);
    }
    await publish(this.#path, force);
    return [];
  }

  async #removeFolder(): Promise<void> {
    await this.#journal?.close().catch(() => {});
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

  async #explain<Result>(work: () => Promise<Result>): Promise<Result> {
    try {
      return await work();
    } catch (error) {
      throw outputError(error, this.#path);
    }
  }
}

/** @throws UsageError where a workbook, which is made at the end, would go to what is no file */
function refuseWorkbook({ buildWorkbook }: TargetOptions, path: string): void {
  if (buildWorkbook) {
    throw new UsageError(`A workbook can only be a file, and ${path} is none.`, {
      hint: "Name a file with --out, or write CSV to it.",
    });
  }
}

/** Devices and named pipes, such as those of a shell's `>(command)`, are written to as they are. */
async function openDevice(
  path: string,
  isPipe: boolean,
  options: TargetOptions,
): Promise<ExportTarget> {
  const stream = isPipe
    ? await openPipe(path, options.signal)
    : (await open(path, "w")).createWriteStream();
  // What fails once the export is over concerns nobody.
  stream.on("error", () => {});
  return openStreamTarget(stream, options, path, async () => {
    stream.destroy();
  });
}

/**
 * Makes sure that the names of the first files of a split export are free, or may be replaced.
 *
 * @param most number of the last file
 */
async function refuseTaken(path: string, most: number, force: boolean): Promise<void> {
  for (const number of await takenNumbers(path)) {
    const taken = numberedPath(path, number);
    if (number <= most && !force) {
      throw existsAlready(taken);
    }
    if (number > 1 && number <= most) {
      await refuseOther(taken);
    }
  }
}

function existsAlready(path: string): UsageError {
  return new UsageError(`${path} exists already.`, {
    hint: "Add --force to replace it, or name another file with --out.",
  });
}

function firstEntry(identity: ExportIdentity, { began, count, queue }: ExportState): JournalEntry {
  const slices = queue.slices.map(({ id, from, to, expected }) => ({ id, from, to, expected }));
  return { type: "export", identity, began, count, slices };
}

function restorePages(assembly: PageAssembly, { queue, pages }: ExportState, header: number): void {
  let start = header;
  for (const slice of queue.slices) {
    for (const [index, page] of (pages.get(slice) ?? []).entries()) {
      const { events: records, bytes, checksum } = page;
      assembly.restore(slice, index + 1, { records, bytes, checksum }, start);
      start += bytes;
    }
  }
}

async function isLink(path: string): Promise<boolean> {
  return lstat(path).then(
    (found) => found.isSymbolicLink(),
    () => false,
  );
}
