import { type FileHandle, open, readFile } from "node:fs/promises";
import { checksumOf } from "../checksum.js";
import type { FormatIdentity } from "../formats/record-format.js";
import type { Flaw } from "../slices/count-claims.js";

/** What must be the same for an interrupted export to go on. The API key is no part of it. */
export interface ExportIdentity extends FormatIdentity {
  readonly version: string;
  readonly origin: string;
  readonly api: string;
  /** Epoch milliseconds. */
  readonly from: number;
  /** Epoch milliseconds. */
  readonly to: number;
  readonly events: readonly string[];
  readonly filters: Readonly<Record<string, readonly string[]>>;
  readonly splitRows: number | undefined;
}

/** What is certain to be on disk of an assembled file. */
export interface FileState {
  /** Size in bytes. */
  readonly length: number;
  /** CRC-32 of a gzipped file; the bytes of another one are those of the pages. */
  readonly crc?: number | undefined;
}

/** How much of the assembled file, or of the last of several, is certain to be on disk. */
export interface MainState extends FileState {
  /** How many bytes of records and headers came into it; differs from `length` where that is compressed or split. */
  readonly consumed: number;
  /** Number of the last file, from 1, where the export is split into several. */
  readonly part?: number;
}

export type JournalEntry =
  | {
      readonly type: "export";
      readonly identity: ExportIdentity;
      /** Epoch milliseconds. */
      readonly began: number;
      readonly count: number | undefined;
      readonly slices: readonly { id: number; from: number; to: number; expected: number }[];
    }
  | { readonly type: "cut"; readonly slice: number; readonly times: readonly number[] }
  | { readonly type: "join"; readonly slice: number; readonly length: number }
  | PageEntry
  | ChunkEntry
  | LostEntry
  | PartsEntry
  | PartEntry
  | { readonly type: "main"; readonly main: MainState }
  | FullEntry
  /** The assembled files are about to get their names. */
  | { readonly type: "publishing"; readonly parts: number }
  | { readonly type: "restart"; readonly slice: number; readonly main: MainState | undefined };

export interface PageEntry {
  readonly type: "page";
  readonly slice: number;
  readonly events: number;
  readonly eventsByType: readonly (readonly [type: string, count: number])[];
  /** Size of the page's records. */
  readonly bytes: number;
  /** Of the page's records. */
  readonly checksum: string;
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
}

/** A chunk of the records that are merged of parts. It is in a slice what a page is. */
export interface ChunkEntry {
  readonly type: "chunk";
  readonly slice: number;
  readonly events: number;
  /** Size of the chunk's CSV. */
  readonly bytes: number;
  /** Of the chunk's CSV. */
  readonly checksum: string;
  readonly isLast: boolean;
  /** Where the chunk went straight into the assembled file. */
  readonly main?: MainState | undefined;
}

/** One of several assembled files has all of its records. */
export interface FullEntry extends FileState {
  readonly type: "full";
  /** Number of the file, from 1. */
  readonly part: number;
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
  /** Number of events in each part, counted before the first page. */
  readonly counts: readonly number[];
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
  /** Of the part's file. */
  readonly checksum: string;
}

/** What a power loss may take of the journal, in milliseconds: it is fetched again. */
const flushAfter = 1_000;

/**
 * What an export has done so far, one JSON object per line, in the order in which it happened. Each
 * line ends with a checksum of itself and all before it.
 */
export class Journal {
  readonly #file: FileHandle;
  /** That of the last line. */
  #checksum: string;
  #last: Promise<void> = Promise.resolve();
  /** Ends in a flush; absent where there is nothing to flush. */
  #timer: NodeJS.Timeout | undefined;

  private constructor(file: FileHandle, checksum: string) {
    this.#file = file;
    this.#checksum = checksum;
  }

  /** @throws Error where lines are not what was written */
  static async open(path: string): Promise<Journal> {
    const file = await open(path, "a+", 0o600);
    try {
      const { length, checksum } = readLines(await file.readFile());
      // What comes next must not be glued to an entry that was cut.
      await file.truncate(length);
      return new Journal(file, checksum);
    } catch (error) {
      await file.close();
      throw error;
    }
  }

  /**
   * Entries of an interrupted export; what the interruption left of the last ones is left out.
   *
   * @throws Error where lines are not what was written
   */
  static async read(path: string): Promise<JournalEntry[]> {
    return readLines(await readFile(path)).entries;
  }

  /** Appends in the order of the calls. */
  append(entry: JournalEntry): Promise<void> {
    const text = JSON.stringify(entry);
    this.#checksum = checksumAfter(this.#checksum, text);
    const line = `${text.slice(0, -1)},"sum":"${this.#checksum}"}\n`;
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

/** The part of a line that its checksum is of, without the brace that ends it, and the checksum. */
const lineForm = /^(\{.+),"sum":"([0-9a-f]{16})"\}$/;

function checksumAfter(before: string, text: string): string {
  return checksumOf(Buffer.from(before + text)).slice(0, 16);
}

interface JournalLines {
  readonly entries: JournalEntry[];
  /** Size of the lines, in bytes. */
  readonly length: number;
  /** That of the last line; empty where there is none. */
  readonly checksum: string;
}

/**
 * Reads lines up to where a killed process or a power loss has cut them: in the midst of the last line,
 * or where the disk has nothing but NUL.
 *
 * @throws Error where one before that is not what was written
 */
function readLines(bytes: Buffer): JournalLines {
  const entries: JournalEntry[] = [];
  let length = 0;
  let checksum = "";
  for (;;) {
    const end = bytes.indexOf("\n", length);
    const line = bytes.subarray(length, end);
    if (end === -1 || line.includes(0)) {
      return { entries, length, checksum };
    }
    const [, start = "", stated = ""] = lineForm.exec(line.toString("utf8")) ?? [];
    const text = `${start}}`;
    if (checksumAfter(checksum, text) !== stated) {
      throw new Error(`line ${entries.length + 1} of the journal is not what was written`);
    }
    entries.push(JSON.parse(text));
    checksum = stated;
    length = end + 1;
  }
}
