import { type FileHandle, open } from "node:fs/promises";
import { promisify } from "node:util";
import { gzip } from "node:zlib";
import { DamagedExportError } from "./damaged-export-error.js";
import type { MainState } from "./journal.js";

/** Where the pages of an export come together, in their order. */
export interface MainOutput {
  readonly state: MainState;
  /** Takes the next bytes of CSV; they may be held back, as they are, until there are more. */
  append(csv: Uint8Array): Promise<void>;
  /** What was appended and not held back survives a power loss when this resolves. */
  sync(): Promise<void>;
  /** Takes back all but the first `consumed` bytes of CSV, where the output can do that. */
  rewind?(consumed: number): Promise<void>;
  /** Writes what was held back, and lets go of the output. */
  end(): Promise<void>;
  /** Forgets what was held back, and lets go of the output. */
  close(): Promise<void>;
}

/** A file that holds the CSV as it is. */
export class PlainFile implements MainOutput {
  readonly #file: FileHandle;
  #length: number;

  private constructor(file: FileHandle, length: number) {
    this.#file = file;
    this.#length = length;
  }

  static async open(path: string, { length }: MainState): Promise<PlainFile> {
    return new PlainFile(await openTruncated(path, length), length);
  }

  get state(): MainState {
    return { length: this.#length, consumed: this.#length };
  }

  async append(csv: Uint8Array): Promise<void> {
    await writeWhole(this.#file, csv, this.#length);
    this.#length += csv.length;
  }

  async sync(): Promise<void> {
    await this.#file.datasync();
  }

  async rewind(consumed: number): Promise<void> {
    await this.#file.truncate(consumed);
    this.#length = consumed;
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

const compress = promisify(gzip);

/**
 * A file of gzip members, one after the other, which gzip readers take for one stream (RFC 1952,
 * section 2.2). Whole members are all that is needed to go on after an interruption, and several
 * are compressed at once.
 */
export class GzipFile implements MainOutput {
  readonly #file: FileHandle;
  #state: MainState;
  #held: Uint8Array[] = [];
  #heldLength = 0;

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

  async append(csv: Uint8Array): Promise<void> {
    this.#held.push(csv);
    this.#heldLength += csv.length;
    if (this.#heldLength < memberSize) {
      return;
    }
    const held = Buffer.concat(this.#held);
    const whole = held.length - (held.length % memberSize);
    // The rest is copied, so that it does not hold on to a page.
    const rest = Buffer.from(held.subarray(whole));
    this.#held = rest.length > 0 ? [rest] : [];
    this.#heldLength = rest.length;
    await this.#writeMembers(held.subarray(0, whole));
  }

  async sync(): Promise<void> {
    await this.#file.datasync();
  }

  async end(): Promise<void> {
    if (this.#heldLength > 0) {
      await this.#writeMembers(Buffer.concat(this.#held));
    }
    await this.#file.sync();
    await this.#file.close();
  }

  async close(): Promise<void> {
    await this.#file.close();
  }

  async #writeMembers(csv: Uint8Array): Promise<void> {
    const members: Promise<Uint8Array>[] = [];
    for (let start = 0; start < csv.length; start += memberSize) {
      members.push(compress(csv.subarray(start, start + memberSize)));
    }
    for (const member of await Promise.all(members)) {
      await writeWhole(this.#file, member, this.#state.length);
      this.#state = { ...this.#state, length: this.#state.length + member.length };
    }
    this.#state = { ...this.#state, consumed: this.#state.consumed + csv.length };
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

export async function writeWhole(
  file: FileHandle,
  bytes: Uint8Array,
  position: number | null = null,
): Promise<void> {
  for (let written = 0; written < bytes.length; ) {
    const at = position === null ? null : position + written;
    written += (await file.write(bytes, written, bytes.length - written, at)).bytesWritten;
  }
}
