import { type FileHandle, open, unlink } from "node:fs/promises";
import type { ConvertedPage } from "../pages/page-converter.js";

/** So many events, or bytes, are loaded at once. */
const most = { events: 250_000, bytes: 500e6 };

/** A file of events on their way into a store. */
export class CsvBatch {
  readonly path: string;
  readonly #file: FileHandle;
  #events = 0;
  #bytes = 0;
  #oldest = Number.POSITIVE_INFINITY;

  private constructor(path: string, file: FileHandle) {
    this.path = path;
    this.#file = file;
  }

  /** @param header begins the file */
  static async create(path: string, header: Uint8Array): Promise<CsvBatch> {
    const batch = new CsvBatch(path, await open(path, "w", 0o600));
    await batch.#file.appendFile(header);
    return batch;
  }

  /** Number of events in it. */
  get events(): number {
    return this.#events;
  }

  /** Time of the oldest one, epoch milliseconds; the present where none has a time. */
  oldest(now: number): number {
    return Number.isFinite(this.#oldest) ? this.#oldest : now;
  }

  get isFull(): boolean {
    return this.#events >= most.events || this.#bytes >= most.bytes;
  }

  async add({ content, eventCount, oldest }: ConvertedPage): Promise<void> {
    await this.#file.appendFile(content);
    this.#events += eventCount;
    this.#bytes += content.length;
    this.#oldest = Math.min(this.#oldest, oldest);
  }

  async close(): Promise<void> {
    await this.#file.close();
  }

  async remove(): Promise<void> {
    await this.#file.close().catch(() => {});
    await unlink(this.path).catch(() => {});
  }
}
