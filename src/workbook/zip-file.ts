import { type FileHandle, open } from "node:fs/promises";
import { promisify } from "node:util";
import { constants, crc32, deflateRaw } from "node:zlib";
import { Zip, type ZipInputFile } from "fflate";
import { OutputError } from "../errors.js";
import { writeWhole } from "../files/write-whole.js";

const compress = promisify(deflateRaw);

/** Pieces that are compressed at once, by the threads that Node has for that. */
const atOnce = 4;

/** Measured: Node's default 6 needs a third more of the processor, for files a tenth smaller. */
const level = 3;

const deflated = 8;

/** Without the extension to 64 bits, which not every reader of workbooks knows. */
const largest = 0xffff_ffff;

/** The same bytes whenever the file is written; ZIP knows no earlier time. */
const mtime = new Date(1980, 0, 1);

/**
 * Writes a ZIP file, entry by entry, each in pieces. A piece is compressed on its own, so several of
 * them can be at once; DEFLATE lets them follow one another.
 */
export class ZipFile {
  readonly #file: FileHandle;
  readonly #zip: Zip;
  #waiting: Uint8Array[] = [];
  #length = 0;
  #entry: ZipInputFile | undefined;
  readonly #compressing: Promise<Buffer>[] = [];

  private constructor(file: FileHandle) {
    this.#file = file;
    this.#zip = new Zip((error, bytes) => {
      if (error) {
        throw error;
      }
      this.#waiting.push(bytes);
    });
  }

  static async create(path: string): Promise<ZipFile> {
    return new ZipFile(await open(path, "w"));
  }

  async add(name: string, text: string): Promise<void> {
    this.begin(name);
    await this.write(Buffer.from(text));
    await this.end();
  }

  begin(name: string): void {
    this.#entry = { filename: name, size: 0, crc: 0, compression: deflated, mtime };
    this.#zip.add(this.#entry);
  }

  /** Writes the next piece of the entry. Its bytes must stay as they are. */
  async write(piece: Uint8Array<ArrayBuffer>): Promise<void> {
    const entry = this.#entry!;
    entry.size += piece.length;
    entry.crc = crc32(piece, entry.crc);
    await this.#compress(piece, constants.Z_SYNC_FLUSH);
  }

  /** Ends the entry. */
  async end(): Promise<void> {
    await this.#compress(new Uint8Array(), constants.Z_FINISH);
    while (this.#compressing.length > 0) {
      await this.#writeNext(this.#compressing.length === 1);
    }
  }

  /**
   * Ends the file, and makes sure that it is on disk.
   *
   * @returns its size
   */
  async finish(): Promise<number> {
    this.#zip.end();
    await this.#writeWaiting();
    await this.#file.sync();
    await this.#file.close();
    return this.#length;
  }

  /** Lets go of a file that is not to be finished. */
  async abandon(): Promise<void> {
    await Promise.allSettled(this.#compressing);
    await this.#file.close();
  }

  async #compress(piece: Uint8Array<ArrayBuffer>, finishFlush: number): Promise<void> {
    const compressed = compress(piece, { level, finishFlush, chunkSize: 1 << 18 });
    // Whoever writes the piece hears of a failure.
    compressed.catch(() => {});
    this.#compressing.push(compressed);
    while (this.#compressing.length > atOnce) {
      await this.#writeNext(false);
    }
  }

  async #writeNext(isLast: boolean): Promise<void> {
    const piece = await this.#compressing.shift()!;
    this.#entry?.ondata?.(null, piece as Uint8Array<ArrayBuffer>, isLast);
    await this.#writeWaiting();
  }

  async #writeWaiting(): Promise<void> {
    const pieces = this.#waiting;
    this.#waiting = [];
    for (const piece of pieces) {
      this.#length += piece.length;
      if (this.#length > largest) {
        throw new OutputError("The workbook would be larger than 4 GB.", {
          hint: "Write a CSV, or a shorter range.",
        });
      }
      await writeWhole(this.#file, piece);
    }
  }
}
