import {
  constants,
  copyFile,
  link,
  mkdir,
  open,
  readdir,
  realpath,
  rename,
  rm,
  stat,
  unlink,
} from "node:fs/promises";
import { dirname, join } from "node:path";
import type { ConvertedPage } from "../csv/page-converter.js";
import { UsageError } from "../errors.js";
import { type ExportState, replayJournal } from "./export-state.js";
import type { ExportTarget, TargetOptions, WrittenOutput } from "./export-target.js";
import { type ExportIdentity, Journal, type JournalEntry } from "./journal.js";
import { Lock } from "./lock.js";
import { GzipFile, type MainOutput, PlainFile } from "./main-file.js";
import { PageAssembly } from "./page-assembly.js";
import type { Slice } from "./slice.js";
import type { Cut } from "./slice-queue.js";
import { openStreamTarget } from "./stream-target.js";
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
      const existing = await statIfAny(target);
      if (existing?.isDirectory()) {
        throw new UsageError(`${target} is a folder.`, {
          hint: `Name a file in it: --out ${join(target, "events.csv")}`,
        });
      }
      if (existing && !existing.isFile()) {
        return await openDevice(target, options);
      }
      if (existing && !options.force) {
        throw new UsageError(`${target} exists already.`, {
          hint: "Add --force to replace it, or name another file with --out.",
        });
      }
      // The file that a symbolic link leads to is replaced, not the link.
      return await FileTarget.#openFolder(existing ? await realpath(target) : target, options);
    } catch (error) {
      throw openError(error, target);
    }
  }

  static async #openFolder(path: string, options: TargetOptions): Promise<FileTarget> {
    const folder = folderOf(path);
    await mkdir(folder, { mode: 0o700 }).catch((error) => {
      if (error.code !== "EEXIST") {
        throw error;
      }
    });
    const lock = await Lock.acquire(join(folder, "lock"), path);
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
      const main = await this.#assembly?.forget(slice);
      await this.#append({ type: "restart", slice: slice.id, main });
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
    const main = join(folderOf(this.#path), "main");
    if (this.#options.force) {
      await rename(main, this.#path);
    } else {
      await renameToNew(main, this.#path);
    }
    await syncFolder(dirname(this.#path));
  }

  async #removeFolder(): Promise<void> {
    await this.#journal?.close();
    await this.#lock.release();
    await rm(folderOf(this.#path), { recursive: true, force: true });
  }

  async #explain<Result>(work: () => Promise<Result>): Promise<Result> {
    try {
      return await work();
    } catch (error) {
      throw writeError(error, this.#path);
    }
  }
}

function folderOf(path: string): string {
  return `${path}.partial`;
}

/** Devices and named pipes, such as those of a shell's `>(command)`, are written to as they are. */
async function openDevice(path: string, options: TargetOptions): Promise<ExportTarget> {
  const file = await open(path, "w");
  const stream = file.createWriteStream();
  return openStreamTarget(stream, options, path, async () => {
    stream.destroy();
  });
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
  const state = replayJournal(entries, options.perPage);
  if (!options.resume) {
    throw new UsageError(`An interrupted export of the same range exists: ${progressOf(state)}.`, {
      hint: "Add --resume to go on with it, or --force to begin anew.",
    });
  }
  return state;
}

async function readJournal(path: string): Promise<JournalEntry[]> {
  try {
    return await Journal.read(path);
  } catch (error) {
    if (isSystemError(error) && error.code === "ENOENT") {
      return [];
    }
    throw new UsageError(`The journal of an interrupted export cannot be read: ${path}.`, {
      hint: "Add --force to begin anew.",
      cause: error,
    });
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

async function emptyFolder(folder: string): Promise<void> {
  for (const name of await readdir(folder)) {
    if (name !== "lock") {
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

/** Renames, but fails where the target has appeared in the meantime. */
async function renameToNew(from: string, to: string): Promise<void> {
  try {
    await link(from, to);
  } catch (error) {
    if (isSystemError(error) && error.code === "EEXIST") {
      throw new UsageError(`${to} appeared while the export ran, and was left alone.`, {
        hint: `The export is complete. Move ${to} away and run the command again with --resume.`,
        cause: error,
      });
    }
    // A file system without hard links: copying exclusively is the other way to fail on a target.
    await copyFile(from, to, constants.COPYFILE_EXCL);
  }
  await unlink(from);
}

/** A rename is on disk only when its folder is. */
async function syncFolder(path: string): Promise<void> {
  try {
    const folder = await open(path, "r");
    try {
      await folder.sync();
    } finally {
      await folder.close();
    }
  } catch (error) {
    // Windows and some network file systems cannot flush a folder; the rename stands all the same.
    if (!isSystemError(error)) {
      throw error;
    }
  }
}
