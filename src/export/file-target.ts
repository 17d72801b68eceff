import { constants, openSync } from "node:fs";
import {
  link,
  lstat,
  mkdir,
  open,
  readdir,
  realpath,
  rename,
  rmdir,
  stat,
  unlink,
} from "node:fs/promises";
import { Socket } from "node:net";
import { dirname, join } from "node:path";
import type { Writable } from "node:stream";
import { systemClock } from "../clock.js";
import type { ConvertedPage } from "../csv/page-converter.js";
import { OutputError, UsageError } from "../errors.js";
import { DamagedExportError } from "./damaged-export-error.js";
import { type ExportState, replayJournal } from "./export-state.js";
import type { ExportTarget, TargetOptions, WrittenOutput } from "./export-target.js";
import { type ExportIdentity, Journal, type JournalEntry } from "./journal.js";
import { Lock } from "./lock.js";
import { GzipFile, type MainOutput, PlainFile } from "./main-file.js";
import { PageAssembly } from "./page-assembly.js";
import type { Slice } from "./slice.js";
import type { Cut } from "./slice-queue.js";
import { openStreamTarget } from "./stream-target.js";
import { syncFolder } from "./sync-folder.js";
import { isSystemError, openError, writeError } from "./write-error.js";

/**
 * A file that appears under its name only when it is complete.
 *
 * Until then everything is in a folder beside it, named after it: the pages, what has been assembled
 * of them, and a journal that says which of them can be relied on, so that an interrupted export can
 * go on.
 */
export class FileTarget implements ExportTarget {
  readonly restored: ExportState | undefined;
  readonly #path: string;
  readonly #options: TargetOptions;
  readonly #lock: Lock;
  #journal: Journal | undefined;
  #main: MainOutput | undefined;
  #assembly: PageAssembly | undefined;
  /** Whether there is a page that a later run can build on. */
  #worthKeeping: boolean;

  private constructor(
    path: string,
    options: TargetOptions,
    lock: Lock,
    restored: ExportState | undefined,
  ) {
    this.#path = path;
    this.#options = options;
    this.#lock = lock;
    this.restored = restored;
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
          hint: `Name a file in it: --out ${join(target, "events.csv")}`,
        });
      }
      if (existing && !existing.isFile()) {
        return await openDevice(target, existing.isFIFO(), options);
      }
      if (existing) {
        await cleanUpPublished(target);
      }
      if (existing && !options.force) {
        throw new UsageError(`${target} exists already.`, {
          hint: "Add --force to replace it, or name another file with --out.",
        });
      }
      // The file that a symbolic link leads to is replaced, not the link.
      const path = (await isLink(target)) ? await realpath(target) : target;
      return await FileTarget.#openFolder(path, options);
    } catch (error) {
      throw openError(error, target);
    }
  }

  static async #openFolder(path: string, options: TargetOptions): Promise<FileTarget> {
    const lock = await lockFolder(folderOf(path), path);
    try {
      const restored = await restore(path, options);
      return new FileTarget(path, options, lock, restored);
    } catch (error) {
      await lock.release();
      throw error;
    }
  }

  async begin(state: ExportState): Promise<void> {
    await this.#explain(async () => {
      const { header, identity } = this.#options;
      const folder = folderOf(this.#path);
      const gzipped = this.#path.endsWith(".gz");
      this.#journal = await Journal.open(join(folder, "journal"));
      if (!this.restored) {
        await this.#journal.append(firstEntry(identity, state));
      }
      const main: MainOutput = await (gzipped ? GzipFile : PlainFile).open(
        join(folder, "main"),
        state.main,
      );
      this.#main = main;
      if (state.main.consumed === 0) {
        await main.append(header);
      }
      this.#assembly = new PageAssembly(
        {
          main,
          folder,
          slices: state.queue.slices,
          durable: true,
          // What is in a gzipped file cannot be taken back when a slice starts over.
          direct: main.rewind !== undefined,
          onMain: (reached) => this.#append({ type: "main", main: reached }),
        },
        Math.max(header.length, state.main.consumed),
      );
      restorePages(this.#assembly, state, header.length);
      await this.#assembly.advance();
    });
  }

  async addPage(slice: Slice, page: ConvertedPage): Promise<void> {
    const { next, oldest } = slice;
    const done = slice.state === "done";
    await this.#explain(async () => {
      await this.#assembly?.add(slice, page.csv, (main) => {
        this.#worthKeeping = true;
        return this.#append({
          type: "page",
          slice: slice.id,
          events: page.eventCount,
          eventsByType: [...page.eventsByType],
          bytes: page.csv.length,
          next: done ? undefined : next,
          oldest,
          totalCount: page.totalCount,
          main,
        });
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

  async restart(slice: Slice): Promise<void> {
    await this.#explain(async () => {
      await this.#assembly?.forget(slice, (main) =>
        this.#append({ type: "restart", slice: slice.id, main }),
      );
    });
  }

  async commit(): Promise<WrittenOutput> {
    return this.#explain(async () => {
      await this.#endMain();
      const bytes = this.#main?.state.length ?? 0;
      await this.#publish();
      await this.#removeFolder();
      return { path: this.#path, bytes };
    });
  }

  async keepIncomplete(): Promise<string> {
    return this.#explain(async () => {
      await this.#endMain();
      const path = `${this.#path}.incomplete`;
      await rename(join(folderOf(this.#path), "main"), path);
      this.#worthKeeping = false;
      await this.#removeFolder();
      return path;
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
    await this.#lock.release();
    return folderOf(this.#path);
  }

  async #append(entry: JournalEntry): Promise<void> {
    await this.#journal?.append(entry);
  }

  async #endMain(): Promise<void> {
    await this.#assembly?.advance();
    await this.#main?.end();
  }

  async #publish(): Promise<void> {
    if (!(await this.#lock.isHeld())) {
      throw new OutputError(`Another run has taken over the work on ${this.#path}.`);
    }
    await this.#append({ type: "published" });
    const main = join(folderOf(this.#path), "main");
    if (this.#options.force) {
      await rename(main, this.#path);
    } else {
      await renameToNew(main, this.#path);
    }
    await syncFolder(dirname(this.#path));
  }

  /** What goes wrong here does not change what was exported. */
  async #removeFolder(): Promise<void> {
    const folder = folderOf(this.#path);
    await this.#journal?.close().catch(() => {});
    // The lock goes last: from then on the folder may be another run's.
    await emptyFolder(folder).catch(() => {});
    await this.#lock.release();
    await rmdir(folder).catch(() => {});
  }

  async #explain<Result>(work: () => Promise<Result>): Promise<Result> {
    try {
      return await work();
    } catch (error) {
      throw writeError(error, this.#path);
    }
  }
}

/**
 * The range of an interrupted export to a file, in epoch milliseconds, as a later one needs it that
 * was asked for with a time such as `now`.
 *
 * @returns undefined where no interrupted export is there
 */
export async function interruptedRange(
  path: string,
): Promise<{ from: number; to: number } | undefined> {
  const [start] = await readJournal(join(folderOf(path), "journal"));
  return start?.type === "export" ? start.identity : undefined;
}

function folderOf(path: string): string {
  return `${path}.partial`;
}

/** Another run may remove the folder between the two steps, when it is done with it. */
async function lockFolder(folder: string, path: string): Promise<Lock> {
  for (let attempt = 1; ; attempt++) {
    await makeFolder(folder);
    try {
      return await Lock.acquire(join(folder, "lock"), path);
    } catch (error) {
      if (!isSystemError(error) || error.code !== "ENOENT" || attempt === 5) {
        throw error;
      }
    }
  }
}

async function makeFolder(folder: string): Promise<void> {
  try {
    await mkdir(folder, { mode: 0o700 });
  } catch (error) {
    if (!isSystemError(error) || error.code !== "EEXIST") {
      throw error;
    }
    const foreign = (await readdir(folder)).find(
      (name) => !ownNames.test(name) && !name.startsWith("lock"),
    );
    if (foreign !== undefined) {
      throw new UsageError(`${folder} is needed, but holds something else: ${foreign}.`, {
        hint: "Move it away, or name another file with --out.",
      });
    }
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
  return openStreamTarget(stream, options, path, async () => {
    stream.destroy();
  });
}

const pipePolling = 100;

/** Opening a pipe that nobody reads would wait in a thread that nothing can interrupt. */
async function openPipe(path: string, signal: AbortSignal | undefined): Promise<Writable> {
  for (;;) {
    signal?.throwIfAborted();
    try {
      const fd = openSync(path, constants.O_WRONLY | constants.O_NONBLOCK);
      return new Socket({ fd, readable: false, writable: true });
    } catch (error) {
      if (!isSystemError(error) || error.code !== "ENXIO") {
        throw error;
      }
    }
    await systemClock.sleep(pipePolling, signal);
  }
}

function firstEntry(identity: ExportIdentity, { count, queue }: ExportState): JournalEntry {
  const slices = queue.slices.map(({ id, from, to, expected }) => ({ id, from, to, expected }));
  return { type: "export", identity, count, slices };
}

function restorePages(assembly: PageAssembly, { queue, pages }: ExportState, header: number): void {
  let start = header;
  for (const slice of queue.slices) {
    for (const [index, { bytes }] of (pages.get(slice) ?? []).entries()) {
      assembly.restore(slice, index + 1, bytes, start);
      start += bytes;
    }
  }
}

async function restore(path: string, options: TargetOptions): Promise<ExportState | undefined> {
  const folder = folderOf(path);
  const entries = await readJournal(join(folder, "journal"));
  const [start] = entries;
  const fetched = entries.some(({ type }) => type === "page");
  if (start?.type !== "export" || !fetched || (options.force && !options.resume)) {
    await emptyFolder(folder);
    return undefined;
  }
  const different = differences(start.identity, options.identity);
  if (different.length > 0) {
    throw new UsageError(
      `${folder} holds an interrupted export of something else: ${different.join(", ")} ${different.length === 1 ? "differs" : "differ"}.`,
      {
        hint: "Repeat the command of that export with --resume, add --force to begin anew, or name another file with --out.",
      },
    );
  }
  const state = replay(entries, options.perPage, folder);
  if (!options.resume) {
    throw new UsageError(`An interrupted export of the same range exists: ${progressOf(state)}.`, {
      hint: "Add --resume to go on with it, or --force to begin anew.",
    });
  }
  return state;
}

function replay(entries: readonly JournalEntry[], perPage: number, folder: string): ExportState {
  try {
    return replayJournal(entries, perPage);
  } catch (error) {
    throw new DamagedExportError(join(folder, "journal"), error);
  }
}

async function readJournal(path: string): Promise<JournalEntry[]> {
  try {
    return await Journal.read(path);
  } catch (error) {
    if (isSystemError(error) && (error.code === "ENOENT" || error.code === "ENOTDIR")) {
      return [];
    }
    throw new DamagedExportError(path, error);
  }
}

function progressOf({ queue, count }: ExportState): string {
  const events = queue.slices.reduce((sum, slice) => sum + slice.events, 0);
  return `${events.toLocaleString("en-US")} of ${count.toLocaleString("en-US")} events are there`;
}

const identityNames: Record<keyof ExportIdentity, string> = {
  version: "the version of sparky-events",
  origin: "the host",
  api: "the API",
  from: "the start",
  to: "the end",
  events: "the event types",
  filters: "the filters",
  columns: "the properties",
  zone: "the time zone",
};

function differences(earlier: ExportIdentity, now: ExportIdentity): string[] {
  return (Object.keys(identityNames) as (keyof ExportIdentity)[])
    .filter((name) => JSON.stringify(earlier[name]) !== JSON.stringify(now[name]))
    .map((name) => identityNames[name]);
}

/** A run that was killed between publishing and cleaning up has left its folder. */
async function cleanUpPublished(path: string): Promise<void> {
  const folder = folderOf(path);
  const entries = await readJournal(join(folder, "journal")).catch(() => []);
  if (entries.at(-1)?.type !== "published") {
    return;
  }
  const main = await statIfAny(join(folder, "main"));
  const target = await statIfAny(path);
  // With hard links, the file has both names for a moment.
  if (!main || main.ino === target?.ino) {
    const lock = await Lock.acquire(join(folder, "lock"), path);
    await emptyFolder(folder);
    await lock.release();
    await rmdir(folder).catch(() => {});
  }
}

/** Names of what this class puts into its folder, but for the lock. */
const ownNames = /^(journal|main|page-\d+-\d+)$/;

async function emptyFolder(folder: string): Promise<void> {
  for (const name of await readdir(folder)) {
    if (ownNames.test(name)) {
      await unlink(join(folder, name));
    }
  }
}

async function statIfAny(path: string) {
  try {
    return await stat(path);
  } catch (error) {
    if (isSystemError(error) && error.code === "ENOENT") {
      return undefined;
    }
    throw error;
  }
}

async function isLink(path: string): Promise<boolean> {
  return lstat(path).then(
    (found) => found.isSymbolicLink(),
    () => false,
  );
}

/** Renames, but fails where the target has appeared in the meantime. */
async function renameToNew(from: string, to: string): Promise<void> {
  try {
    await link(from, to);
  } catch (error) {
    if (isSystemError(error) && error.code === "EEXIST") {
      throw appeared(to);
    }
    // A file system without hard links: the look and the rename cannot be one step there.
    if (await statIfAny(to)) {
      throw appeared(to);
    }
    await rename(from, to);
    return;
  }
  await unlink(from);
}

function appeared(path: string): UsageError {
  return new UsageError(`${path} appeared while the export ran, and was left alone.`, {
    hint: `The export is complete. Move ${path} away and run the command again with --resume.`,
  });
}
