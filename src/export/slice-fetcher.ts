import type { ApiClient } from "../api/client.js";
import { endlessPagesError, pagePosition, repeatedPageError, requireCount } from "../api/pages.js";
import { firstPagePath, type Search } from "../api/search.js";
import type { PageConversion } from "../csv/page-conversion.js";
import type { ConvertedPage } from "../csv/page-converter.js";
import { RejectedRequestError } from "../errors.js";
import { PageBuffer } from "../page-buffer.js";
import type { CountClaims } from "./count-claims.js";
import { restartSlice } from "./export-state.js";
import type { ExportTarget } from "./export-target.js";
import type { Slice } from "./slice.js";
import type { SliceQueue } from "./slice-queue.js";

export interface FetchOptions {
  readonly client: ApiClient;
  readonly search: Search;
  readonly queue: SliceQueue;
  readonly target: ExportTarget;
  readonly claims: CountClaims;
  readonly concurrency: number;
  readonly conversion: PageConversion;
  readonly onPage: (slice: Slice, page: ConvertedPage) => void;
  readonly onRestart: (slice: Slice) => void;
}

/**
 * Fetches all slices with as many workers as may run at once. When one fails, the others stop too.
 *
 * @throws what the first failing worker threw
 */
export async function fetchSlices(options: FetchOptions, stop: AbortController): Promise<void> {
  const changes = new Changes();
  const workers = Array.from({ length: options.concurrency }, () =>
    new Worker(options, stop.signal, changes).run().catch((error: unknown) => {
      stop.abort(error);
      changes.notify();
    }),
  );
  await Promise.all(workers);
  stop.signal.throwIfAborted();
}

/** So many pages without an event, one after the other, are no paging any more. */
const mostEmptyPages = 100;

/** Wakes idle workers when there may be something to do. */
class Changes {
  #waiting: (() => void)[] = [];

  next(): Promise<void> {
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  notify(): void {
    for (const wake of this.#waiting.splice(0)) {
      wake();
    }
  }
}

class Worker {
  readonly #options: FetchOptions;
  readonly #stop: AbortSignal;
  readonly #changes: Changes;
  readonly #body = new PageBuffer();
  readonly #csv = new PageBuffer();
  /** Resolves when the last page has left `#csv`. */
  #written: Promise<void> = Promise.resolve();

  constructor(options: FetchOptions, stop: AbortSignal, changes: Changes) {
    this.#options = options;
    this.#stop = stop;
    this.#changes = changes;
  }

  async run(): Promise<void> {
    const { queue } = this.#options;
    while (!queue.done) {
      this.#stop.throwIfAborted();
      const slice = await this.#next();
      if (slice) {
        await this.#fetch(slice);
        this.#changes.notify();
      } else {
        await this.#changes.next();
      }
    }
  }

  /** The next slice to fetch, where one more worker is of any use. */
  async #next(): Promise<Slice | undefined> {
    const { queue, target, client, concurrency } = this.#options;
    const { parallelism } = client;
    if (queue.running >= parallelism) {
      return undefined;
    }
    const joined = parallelism < concurrency ? queue.join(parallelism) : undefined;
    const cut = queue.hasWaiting ? undefined : queue.share();
    // Taken before anything is awaited, so that nobody else takes it too.
    const slice = queue.take();
    if (joined) {
      await target.addJoin(joined.slice, joined.length);
    }
    if (cut) {
      await target.addCut(cut);
    }
    return slice;
  }

  async #fetch(slice: Slice): Promise<void> {
    const seen = new Set<string>();
    let emptyPages = 0;
    let resumed = slice.next !== undefined;
    while (slice.state !== "done") {
      const link = slice.next ?? this.#firstPage(slice);
      const position = pagePosition(link);
      if (seen.has(position)) {
        throw repeatedPageError();
      }
      seen.add(position);
      try {
        const { eventCount } = await this.#fetchPage(slice, link);
        emptyPages = eventCount > 0 ? 0 : emptyPages + 1;
        if (emptyPages > mostEmptyPages) {
          throw endlessPagesError();
        }
      } catch (error) {
        if (!resumed || !(error instanceof RejectedRequestError)) {
          throw error;
        }
        // The server does not accept a cursor of the interrupted run any more.
        restartSlice(slice);
        slice.state = "running";
        this.#options.onRestart(slice);
        await this.#options.target.restart(slice);
        seen.clear();
      }
      resumed = false;
    }
    await this.#settled();
  }

  /** Until the last page is written; a reader that does not read must not hold up a stop. */
  #settled(): Promise<void> {
    return new Promise((resolve, reject) => {
      const abort = () => reject(this.#stop.reason);
      this.#stop.addEventListener("abort", abort, { once: true });
      this.#written.then(resolve, reject).finally(() => {
        this.#stop.removeEventListener("abort", abort);
      });
    });
  }

  async #fetchPage(slice: Slice, link: string): Promise<ConvertedPage> {
    const { client, queue, target, concurrency } = this.#options;
    const first = slice.pages === 0;
    const page = await client.get(link, this.#body, async () => {
      await this.#settled();
      return this.#takePage(slice);
    });
    this.#written = target.addPage(slice, page);
    this.#written.catch(() => {});
    if (first) {
      // Under a rate limit nobody is idle, and a cut would only cost requests.
      const cut = client.parallelism < concurrency ? undefined : queue.cutTooLarge(slice);
      if (cut) {
        await target.addCut(cut);
      }
    }
    this.#changes.notify();
    return page;
  }

  /** Converts the page in `#body`, and counts it in. */
  async #takePage(slice: Slice): Promise<ConvertedPage> {
    const { conversion, claims, onPage } = this.#options;
    const first = slice.pages === 0;
    slice.converting = true;
    const page = await conversion.convert(this.#body, this.#csv, slice.from).finally(() => {
      slice.converting = false;
    });
    if (first) {
      requireCount(page);
      slice.count = page.totalCount;
    }
    slice.pages += 1;
    slice.events += page.eventCount;
    slice.oldest = Math.min(slice.oldest, page.oldest);
    slice.next = page.leftOut > 0 ? undefined : page.next;
    slice.state = slice.next === undefined ? "done" : "running";
    claims.add(slice.queryFrom, slice.to, page.totalCount);
    onPage(slice, page);
    return page;
  }

  #firstPage(slice: Slice): string {
    const { search } = this.#options;
    return firstPagePath({ ...search, from: slice.queryFrom, to: slice.to });
  }
}
