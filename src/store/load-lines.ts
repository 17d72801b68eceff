import { join } from "node:path";
import { MalformedAnswerError } from "../api/answer.js";
import type { Clock } from "../clock.js";
import { UsageError } from "../errors.js";
import { csvFormat } from "../formats/csv-format.js";
import type { ConvertedPage, StreamingConverter } from "../pages/page-converter.js";
import { anyTime } from "../pages/page-range.js";
import { CsvBatch } from "./csv-batch.js";
import type { EventStore } from "./event-store.js";
import { storeLayout } from "./store-columns.js";

export interface LoadedLines {
  /** Number of lines that hold an event. */
  readonly lines: number;
  /** Number of events that were not in the store yet. */
  readonly added: number;
}

export interface LoadLinesOptions {
  readonly store: EventStore;
  /** Path of a folder for files of events on their way. */
  readonly work: string;
  /** What the lines are from, for errors. */
  readonly name: string;
  readonly signal: AbortSignal;
  readonly clock: Clock;
  /** Called when more lines are in the store. */
  readonly onLoaded?: ((soFar: LoadedLines) => void) | undefined;
}

/** What is converted at once. */
const mostOnPage = { events: 10_000, bytes: 16e6 };

/**
 * Loads events, each on a line of its own, into a store. Those that are in it already stay as they are.
 *
 * @param text of the lines, in pieces
 * @throws UsageError naming the line that is no event; what is before its batch is in the store
 */
export async function loadLines(
  text: AsyncIterable<Uint8Array>,
  options: LoadLinesOptions,
): Promise<LoadedLines> {
  const loader = new LineLoader(options);
  try {
    for await (const lines of pagesOfLines(text)) {
      options.signal.throwIfAborted();
      await loader.add(lines);
    }
    return await loader.end();
  } finally {
    await loader.close();
  }
}

/** Whole lines, without those that are blank. */
interface Lines {
  /** Number of the first one in its file, from 1. */
  readonly first: number;
  readonly texts: readonly Buffer[];
}

const lineFeed = 0x0a;

async function* pagesOfLines(text: AsyncIterable<Uint8Array>): AsyncGenerator<Lines> {
  let rest: Buffer[] = [];
  let texts: Buffer[] = [];
  let bytes = 0;
  let first = 1;
  const take = (line: Buffer) => {
    texts.push(line);
    bytes += line.length;
  };
  for await (const piece of text) {
    const chunk = Buffer.from(piece.buffer, piece.byteOffset, piece.byteLength);
    let start = 0;
    for (let end = chunk.indexOf(lineFeed); end !== -1; end = chunk.indexOf(lineFeed, start)) {
      const line = chunk.subarray(start, end);
      take(rest.length > 0 ? Buffer.concat([...rest, line]) : line);
      rest = [];
      start = end + 1;
      if (texts.length === mostOnPage.events || bytes >= mostOnPage.bytes) {
        yield { first, texts };
        first += texts.length;
        texts = [];
        bytes = 0;
      }
    }
    if (start < chunk.length) {
      rest.push(Buffer.from(chunk.subarray(start)));
    }
  }
  if (rest.length > 0) {
    take(Buffer.concat(rest));
  }
  yield { first, texts };
}

/** Writes pages of lines into files, and loads these while the next ones are written. */
class LineLoader {
  readonly #options: LoadLinesOptions;
  readonly #format = csvFormat(storeLayout());
  readonly #converter: StreamingConverter = this.#format.openPages();
  #batch: CsvBatch | undefined;
  #loading: Promise<void> = Promise.resolve();
  #files = 0;
  #lines = 0;
  #added = 0;

  constructor(options: LoadLinesOptions) {
    this.#options = options;
  }

  async add({ first, texts }: Lines): Promise<void> {
    const events = texts.filter((line) => !isBlank(line));
    if (events.length === 0) {
      return;
    }
    const page = this.#convert(events) ?? this.#refuse(first, texts);
    const { work } = this.#options;
    this.#batch ??= await CsvBatch.create(
      join(work, `load-${process.pid}-${this.#files++}.csv`),
      this.#format.header,
    );
    await this.#batch.add(page);
    if (this.#batch.isFull) {
      await this.#loadBatch();
    }
  }

  async end(): Promise<LoadedLines> {
    await this.#loadBatch();
    await this.#loading;
    return { lines: this.#lines, added: this.#added };
  }

  /** Waits for what is under way, and leaves no file behind. */
  async close(): Promise<void> {
    await this.#loading.catch(() => {});
    await this.#batch?.remove();
  }

  /** @returns undefined where a line is no event */
  #convert(events: readonly Buffer[]): ConvertedPage | undefined {
    if (!events.every(isObject)) {
      return undefined;
    }
    // A large page that the quick converter refuses has to be given once more.
    for (let attempt = 1; attempt <= 2; attempt++) {
      const converter = this.#converter;
      converter.begin(0);
      converter.write(Buffer.from('{"results":['));
      for (const [index, event] of events.entries()) {
        if (index > 0) {
          converter.write(comma);
        }
        converter.write(event);
      }
      converter.write(Buffer.from(`],"total_count":${events.length},"links":{}}`));
      try {
        const page = converter.end(anyTime);
        return page.eventCount === events.length ? page : undefined;
      } catch (error) {
        if (!(error instanceof MalformedAnswerError)) {
          throw error;
        }
      }
    }
    return undefined;
  }

  #refuse(first: number, texts: readonly Buffer[]): never {
    const { name, store } = this.#options;
    const index = texts.findIndex((line) => !isBlank(line) && !(isObject(line) && isJson(line)));
    throw new UsageError(`${name}, line ${first + Math.max(0, index)} is no event in JSON.`, {
      hint: `A file has an event per line, as --format jsonl writes it. Of what is before that line, ${this.#lines} events are in ${store.name}; mend it and load the file again: no event is kept twice.`,
    });
  }

  async #loadBatch(): Promise<void> {
    await this.#loading;
    const batch = this.#batch;
    this.#batch = undefined;
    if (batch) {
      await batch.close();
      this.#loading = this.#load(batch);
      // Whoever waits for it hears of a failure; until then nobody does.
      this.#loading.catch(() => {});
    }
  }

  async #load(batch: CsvBatch): Promise<void> {
    const { store, clock, onLoaded } = this.#options;
    const fallbackTime = batch.oldest(clock.now());
    const { added } = await store
      .load({ files: [batch.path], fallbackTime })
      .finally(() => batch.remove());
    this.#lines += batch.events;
    this.#added += added;
    onLoaded?.({ lines: this.#lines, added: this.#added });
  }
}

const comma = Buffer.from(",");
const openingBrace = 0x7b;
const closingBrace = 0x7d;

function isBlank(line: Buffer): boolean {
  return line.every(isSpace);
}

/** Whether it begins and ends as a JSON object does. */
function isObject(line: Buffer): boolean {
  const start = line.findIndex((byte) => !isSpace(byte));
  const end = line.findLastIndex((byte) => !isSpace(byte));
  return line[start] === openingBrace && line[end] === closingBrace;
}

function isSpace(byte: number): boolean {
  return byte === 0x20 || byte === 0x09 || byte === 0x0d;
}

function isJson(line: Buffer): boolean {
  try {
    JSON.parse(line.toString());
    return true;
  } catch {
    return false;
  }
}
