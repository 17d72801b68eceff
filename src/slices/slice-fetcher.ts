import type { ApiClient } from "../api/client.js";
import { requireCount } from "../api/pages.js";
import { firstPagePath, type Search } from "../api/search.js";
import { AnswerTooLargeError, RejectedRequestError } from "../errors.js";
import type { RecordFormat } from "../formats/record-format.js";
import type { StreamingConverter } from "../pages/page-converter.js";
import type { CountClaims } from "./count-claims.js";
import { doubledOn, hasShifted } from "./doubled-events.js";
import type { ArrivedPage, PageSink } from "./page-sink.js";
import { type Paging, Pagings } from "./paging.js";
import { addPage, release, restart, type Slice } from "./slice.js";
import type { SliceQueue } from "./slice-queue.js";

export interface FetchOptions {
  readonly client: ApiClient;
  readonly search: Search;
  readonly format: RecordFormat;
  readonly queue: SliceQueue;
  readonly sink: PageSink;
  readonly claims: CountClaims;
  readonly concurrency: number;
  readonly onPage: (slice: Slice, page: ArrivedPage) => void;
  readonly onRestart: (slice: Slice) => void;
}

/**
 * Fetches all slices with as many workers as may run at once. When one fails, the others stop too.
 *
 * @throws what the first failing worker threw
 */
export async function fetchSlices(options: FetchOptions, stop: AbortController): Promise<void> {
  const changes = new Changes();
  const pagings = new Pagings();
  const workers = Array.from({ length: options.concurrency }, () =>
    new Worker(options, stop.signal, changes, pagings).run().catch((error: unknown) => {
      stop.abort(error);
      changes.notify();
    }),
  );
  await Promise.all(workers);
  stop.signal.throwIfAborted();
}

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
  readonly #pagings: Pagings;
  readonly #stream: StreamingConverter;
  /** Resolves when the last page is written. */
  #written: Promise<void> = Promise.resolve();

  constructor(options: FetchOptions, stop: AbortSignal, changes: Changes, pagings: Pagings) {
    this.#options = options;
    this.#stream = options.format.openPages();
    this.#stop = stop;
    this.#changes = changes;
    this.#pagings = pagings;
  }

  async run(): Promise<void> {
    const { queue } = this.#options;
    while (!queue.done) {
      this.#stop.throwIfAborted();
      const slice = await this.#next();
      if (slice) {
        await this.#fetchPage(slice);
      } else {
        await this.#changes.next();
      }
    }
    await this.#settled();
  }

  /** The slice to fetch a page of, where one more worker is of any use. */
  async #next(): Promise<Slice | undefined> {
    const { queue, sink, client, concurrency } = this.#options;
    const { parallelism } = client;
    if (queue.running >= parallelism) {
      return undefined;
    }
    const joined = parallelism < concurrency ? queue.join(parallelism) : undefined;
    const cut = queue.hasWaiting ? undefined : queue.share();
    // Taken before anything is awaited, so that nobody else takes it too.
    const slice = queue.take(parallelism);
    if (joined) {
      await sink.addJoin(joined.slice, joined.length);
    }
    if (cut) {
      await sink.addCut(cut);
    }
    return slice;
  }

  async #fetchPage(slice: Slice): Promise<void> {
    const { client, sink } = this.#options;
    const paging = this.#pagings.of(slice);
    const link = slice.next ?? this.#firstPage(slice);
    paging.follow(link);
    if (sink.hasReader) {
      // A server does not wait as long for its answer to be read as a reader may keep it waiting.
      await this.#settled();
    }
    try {
      const page = await client.get(link, this.#stream, async (url) => {
        await this.#settled();
        return this.#takePage(slice, paging, url);
      });
      if (!page) {
        await this.#restart(slice, paging);
        this.#changes.notify();
        return;
      }
      this.#written = sink.addPage(slice, page);
      this.#written.catch(() => {});
      paging.received(page.eventCount);
      await this.#release(slice);
    } catch (error) {
      const isOfOldLink =
        error instanceof RejectedRequestError || error instanceof AnswerTooLargeError;
      if (!paging.isResumed || !isOfOldLink) {
        throw error;
      }
      // The server does not accept a cursor of the interrupted run any more, or the link asks for the
      // number of events per page that was too much then.
      await this.#restart(slice, paging);
    }
    this.#changes.notify();
  }

  /** Leaves the slice to whoever comes next, cut where it is too large. */
  async #release(slice: Slice): Promise<void> {
    const { client, queue, sink, concurrency } = this.#options;
    const { parallelism } = client;
    // Under a rate limit nobody is idle, and a cut would only cost requests.
    const cut = parallelism < concurrency ? undefined : queue.cutTooLarge(slice, parallelism);
    release(slice);
    if (slice.state === "done") {
      this.#pagings.forget(slice);
    }
    if (cut) {
      await sink.addCut(cut);
    }
  }

  async #restart(slice: Slice, paging: Paging): Promise<void> {
    this.#options.onRestart(slice);
    paging.restart();
    restart(slice);
    await this.#options.sink.restart(slice);
    release(slice);
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

  /**
   * Ends the page that was received from there, and counts it in.
   *
   * @returns undefined where the slice has to start over
   */
  #takePage(slice: Slice, paging: Paging, url: URL): ArrivedPage | undefined {
    const { client, claims, onPage } = this.#options;
    const converted = this.#stream.end(slice);
    if (slice.pages === 0) {
      requireCount(converted);
    }
    // What is older than a slice that was cut is another slice's.
    const isCut = slice.from > slice.queryFrom;
    const next = isCut && converted.tooOld > 0 ? undefined : client.nextPath(converted.next, url);
    const doubled = doubledOn(converted, slice, this.#options.queue.slices, next === undefined);
    const hasNumbers = this.#options.search.api === "message-events";
    let shifted = hasNumbers && hasShifted(converted, slice, doubled);
    if (shifted && paging.mayRestart) {
      return undefined;
    }
    // What comes twice each time, although nothing came in, the server has twice.
    shifted &&= converted.totalCount !== slice.lastCount;
    const tooOld = isCut ? 0 : converted.tooOld;
    const page = { ...converted, tooOld, doubled, shifted };
    addPage(slice, {
      ...page,
      events: page.eventCount,
      bytes: page.content.length,
      next,
      firstId: page.ids.at(0),
      lastId: page.ids.at(-1),
    });
    claims.add(slice.queryFrom, slice.to, page.totalCount);
    onPage(slice, page);
    return page;
  }

  #firstPage(slice: Slice): string {
    const { search } = this.#options;
    return firstPagePath({ ...search, from: slice.queryFrom, to: slice.to });
  }
}
