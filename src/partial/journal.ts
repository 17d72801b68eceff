import { type FileHandle, open, readFile } from "node:fs/promises";
import { checksumOf } from "../checksum.js";
import type { JournalEntry } from "./journal-entry.js";

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
