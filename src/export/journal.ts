import { type FileHandle, open, readFile } from "node:fs/promises";
import type { Column, CsvFormat } from "../csv/csv-layout.js";
import type { Flaw } from "./count-claims.js";

/** What must be the same for an interrupted export to go on. The API key is no part of it. */
export interface ExportIdentity {
  readonly version: string;
  readonly origin: string;
  readonly api: string;
  /** Epoch milliseconds. */
  readonly from: number;
  /** Epoch milliseconds. */
  readonly to: number;
  readonly events: readonly string[];
  readonly filters: Readonly<Record<string, readonly string[]>>;
  readonly columns: readonly Column[];
  readonly format: CsvFormat;
  readonly zone: string;
  readonly splitRows: number | undefined;
}

/** How much of the assembled file is certain to be on disk. */
export interface MainState {
  /** Size of the file, or of the last of several, in bytes. */
  readonly length: number;
  /** How much CSV came into it, in bytes; differs from `length` where that is compressed or split. */
  readonly consumed: number;
  /** Number of the last file, from 1, where the export is split into several. */
  readonly part?: number;
}

export type JournalEntry =
  | {
      readonly type: "export";
      readonly identity: ExportIdentity;
      readonly count: number | undefined;
      readonly slices: readonly { id: number; from: number; to: number; expected: number }[];
    }
  | { readonly type: "cut"; readonly slice: number; readonly times: readonly number[] }
  | { readonly type: "join"; readonly slice: number; readonly length: number }
  | PageEntry
  | LostEntry
  | PartsEntry
  | PartEntry
  | { readonly type: "main"; readonly main: MainState }
  /** The assembled files are about to get their names. */
  | { readonly type: "publishing"; readonly parts: number }
  | { readonly type: "restart"; readonly slice: number; readonly main: MainState | undefined };

export interface PageEntry {
  readonly type: "page";
  readonly slice: number;
  readonly events: number;
  readonly eventsByType: readonly (readonly [type: string, count: number])[];
  /** Size of the page's CSV. */
  readonly bytes: number;
  /** Absent after the last page of the slice. */
  readonly next: string | undefined;
  readonly oldest: number;
  readonly totalCount: number | undefined;
  /** These as for `SlicePage`. */
  readonly firstId: number | undefined;
  readonly lastId: number | undefined;
  readonly tooNew: number;
  readonly tooOld: number;
  readonly doubled: readonly number[];
  readonly shifted: boolean;
  /** Where the page went straight into the assembled file. */
  readonly main?: MainState | undefined;
  /** CRC-32 of the page's CSV, where it waits in a file. */
  readonly checksum?: number | undefined;
}

/** What a slice has beyond so many pages is gone, and is fetched again. */
export interface LostEntry {
  readonly type: "lost";
  readonly slice: number;
  /** Number of pages that are there. */
  readonly pages: number;
}

/** The search is fetched in parts, each an export of its own, and something of them is there. */
export interface PartsEntry {
  readonly type: "parts";
  /** Number of parts. */
  readonly total: number;
  /** Number of events in each part; absent where they were not counted before the first page. */
  readonly counts: readonly number[] | undefined;
}

/** All that there is of a part is in its file. */
export interface PartEntry {
  readonly type: "part";
  /** From 0. */
  readonly part: number;
  readonly events: number;
  readonly eventsByType: readonly (readonly [type: string, count: number])[];
  /** Number of events that SparkPost counted. */
  readonly totalCount: number;
  /** Absent where what arrived is what should have. */
  readonly flaw: Flaw | undefined;
  /** Number of events that came twice, on pages that meet. */
  readonly doubled: number;
  /** Size of the part's file; 0 where there is none, as nothing matches. */
  readonly bytes: number;
}

/** What a power loss may take of the journal, in milliseconds: it is fetched again. */
const flushAfter = 1_000;

/** What an export has done so far, one JSON object per line, in the order in which it happened. */
export class Journal {
  readonly #file: FileHandle;
  #last: Promise<void> = Promise.resolve();
  /** Ends in a flush; absent where there is nothing to flush. */
  #timer: NodeJS.Timeout | undefined;

  private constructor(file: FileHandle) {
    this.#file = file;
  }

  static async open(path: string): Promise<Journal> {
    const file = await open(path, "a+", 0o600);
    // What comes next must not be glued to an entry that was cut.
    await file.truncate(wholeLines(await file.readFile()).length);
    return new Journal(file);
  }

  /** Entries of an interrupted export; a last one that was cut by the interruption is left out. */
  static async read(path: string): Promise<JournalEntry[]> {
    const lines = wholeLines(await readFile(path))
      .toString("utf8")
      .split("\n");
    return lines.slice(0, -1).map((line) => JSON.parse(line));
  }

  /** Appends in the order of the calls. */
  append(entry: JournalEntry): Promise<void> {
    const line = `${JSON.stringify(entry)}\n`;
    this.#timer ??= setTimeout(() => this.flush().catch(() => {}), flushAfter).unref();
    return this.#enqueue(() => this.#file.appendFile(line));
  }

  /** Resolves when everything that was appended survives a power loss. */
  flush(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    return this.#enqueue(() => this.#file.datasync());
  }

  async close(): Promise<void> {
    clearTimeout(this.#timer);
    await this.#last.catch(() => {});
    await this.#file.close();
  }

  #enqueue(work: () => Promise<void>): Promise<void> {
    const done = this.#last.then(work);
    this.#last = done;
    return done;
  }
}

function wholeLines(text: Buffer): Buffer {
  return text.subarray(0, text.lastIndexOf("\n") + 1);
}
