import type { FileHandle } from "node:fs/promises";
import { writeWhole } from "../files/write-whole.js";
import type { MainState } from "./journal-entry.js";
import type { MainOutput } from "./main-output.js";
import { openTruncated } from "./open-truncated.js";

/** A file that holds the records as they are. */
export class PlainFile implements MainOutput {
  readonly #file: FileHandle;
  /** How many bytes were consumed before the file began. */
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

  async append(bytes: Uint8Array): Promise<void> {
    const written = await writeWhole(this.#file, bytes, this.#length);
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
