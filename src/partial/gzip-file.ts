import type { FileHandle } from "node:fs/promises";
import { promisify } from "node:util";
import { crc32, gzip } from "node:zlib";
import { writeWhole } from "../files/write-whole.js";
import type { MainState } from "./journal-entry.js";
import type { MainOutput } from "./main-output.js";
import { openTruncated } from "./open-truncated.js";

/** Bytes of records per gzip member. The cuts do not depend on the pages, so neither does the file. */
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
  readonly #compressing: { size: number; gzip: Promise<Uint8Array> }[] = [];

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

  async append(bytes: Uint8Array): Promise<void> {
    for (let start = 0; start < bytes.length; ) {
      const part = bytes.subarray(start, start + memberSize - this.#memberLength);
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
    this.#compressing.push({ size: this.#memberLength, gzip });
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
        consumed: consumed + next.size,
      };
    }
  }
}
