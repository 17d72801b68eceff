import { type FileHandle, open } from "node:fs/promises";
import { promisify } from "node:util";
import { crc32, gzip } from "node:zlib";
import { writeWhole } from "../files/write-whole.js";
import { DamagedExportError } from "./damaged-export-error.js";
import type { MainState } from "./journal.js";

/** Where the pages of an export come together, in their order. */
export interface MainOutput {
  readonly state: MainState;
  /** Size of each file, as far as it was written. */
  readonly lengths: readonly number[];
  /**
   * Takes the next bytes of CSV; what becomes of them may have to wait until there are more.
   *
   * @param records number of records that were appended when the page that the bytes belong to is whole
   */
  append(csv: Uint8Array, records: number): Promise<void>;
  /** What was appended and not held back survives a power loss when this resolves. */
  sync(): Promise<void>;
  /**
   * Takes back all but the first `consumed` bytes of CSV, where the output can do that.
   *
   * @param records number of records in these bytes
   * @param record called with the state that the output will have; once the bytes are gone, nothing
   *   may say that they are there
   */
  rewind?:
    | ((
        consumed: number,
        records: number,
        record: (state: MainState) => Promise<void>,
      ) => Promise<void>)
    | undefined;
  /** Writes what was held back, and lets go of the output. */
  end(): Promise<void>;
  /** Forgets what was held back, and lets go of the output. */
  close(): Promise<void>;
}

/** A file that holds the CSV as it is. */
export class PlainFile implements MainOutput {
  readonly #file: FileHandle;
  /** How much CSV was consumed before the file began. */
  readonly #before: number;
  #length: number;

  private constructor(file: FileHandle, { length, consumed }: MainState) {
    this.#file = file;
    this.#before = consumed - length;
    this.#length = length;
  }

  static async open(path: string, state: MainState): Promise<PlainFile> {
    return new PlainFile(await openTruncated(path, state.length), state);
  }

  get state(): MainState {
    return { length: this.#length, consumed: this.#before + this.#length };
  }

  get lengths(): readonly number[] {
    return [this.#length];
  }

  async append(csv: Uint8Array): Promise<void> {
    const written = await writeWhole(this.#file, csv, this.#length);
    this.#length += written;
  }

  async sync(): Promise<void> {
    await this.#file.datasync();
  }

  async rewind(
    consumed: number,
    _records: number,
    record: (state: MainState) => Promise<void>,
  ): Promise<void> {
    const length = consumed - this.#before;
    await record({ length, consumed });
    await this.#file.truncate(length);
    this.#length = length;
  }

  async end(): Promise<void> {
    await this.#file.sync();
    await this.#file.close();
  }

  async close(): Promise<void> {
    await this.#file.close();
  }
}

/** CSV bytes per gzip member. The cuts do not depend on the pages, so neither do the bytes. */
const memberSize = 1 << 20;

/** Members that are compressed at once, by the threads that Node has for that. */
const atOnce = 4;

const compress = promisify(gzip);

/**
 * A file of gzip members, one after the other, which gzip readers take for one stream (RFC 1952,
 * section 2.2). Whole members are all that is needed to go on after an interruption, and several
 * are compressed at once.
 */
export class GzipFile implements MainOutput {
  readonly #file: FileHandle;
  #state: MainState;
  /** The next member, as far as it is known. */
  #member = Buffer.allocUnsafeSlow(memberSize);
  #memberLength = 0;
  /** Members that are being compressed, in their order. */
  readonly #compressing: { csv: number; gzip: Promise<Uint8Array> }[] = [];

  private constructor(file: FileHandle, state: MainState) {
    this.#file = file;
    this.#state = state;
  }

  static async open(path: string, state: MainState): Promise<GzipFile> {
    return new GzipFile(await openTruncated(path, state.length), state);
  }

  get state(): MainState {
    return this.#state;
  }

  get lengths(): readonly number[] {
    return [this.#state.length];
  }

  async append(csv: Uint8Array): Promise<void> {
    for (let start = 0; start < csv.length; ) {
      const part = csv.subarray(start, start + memberSize - this.#memberLength);
      this.#member.set(part, this.#memberLength);
      this.#memberLength += part.length;
      start += part.length;
      if (this.#memberLength === memberSize) {
        this.#compressMember();
      }
      while (this.#compressing.length > atOnce) {
        await this.#writeMember();
      }
    }
  }

  async sync(): Promise<void> {
    await this.#file.datasync();
  }

  async end(): Promise<void> {
    // Without any member, it would be no gzip file.
    if (this.#memberLength > 0 || (this.#state.length === 0 && this.#compressing.length === 0)) {
      this.#compressMember();
    }
    while (this.#compressing.length > 0) {
      await this.#writeMember();
    }
    await this.#file.sync();
    await this.#file.close();
  }

  async close(): Promise<void> {
    await Promise.allSettled(this.#compressing.map(({ gzip }) => gzip));
    await this.#file.close();
  }

  #compressMember(): void {
    const gzip = compress(this.#member.subarray(0, this.#memberLength));
    // Whoever writes the member hears of a failure.
    gzip.catch(() => {});
    this.#compressing.push({ csv: this.#memberLength, gzip });
    this.#member = Buffer.allocUnsafeSlow(memberSize);
    this.#memberLength = 0;
  }

  async #writeMember(): Promise<void> {
    const next = this.#compressing.shift();
    if (next) {
      const member = await next.gzip;
      const { length, consumed, crc = 0 } = this.#state;
      const written = await writeWhole(this.#file, member, length);
      this.#state = {
        length: length + written,
        crc: crc32(member, crc),
        consumed: consumed + next.csv,
      };
    }
  }
}

/** @throws DamagedExportError where less is there than was certain to be */
async function openTruncated(path: string, length: number): Promise<FileHandle> {
  if (length === 0) {
    return open(path, "w");
  }
  const file = await open(path, "r+").catch((error: unknown) => {
    throw new DamagedExportError(path, error);
  });
  // To truncate a file that is too short would fill it up with NUL.
  if ((await file.stat()).size < length) {
    await file.close();
    throw new DamagedExportError(path);
  }
  await file.truncate(length);
  return file;
}
