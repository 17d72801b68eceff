import { availableParallelism } from "node:os";
import { Worker } from "node:worker_threads";
import { MalformedAnswerError } from "../api/answer.js";
import type { PageBuffer } from "../page-buffer.js";
import type { ConversionAnswer, ConversionRequest } from "./conversion-thread.js";
import type { CsvLayout } from "./csv-layout.js";
import type { PageConversion } from "./page-conversion.js";
import type { ConvertedPage } from "./page-converter.js";

/** More would convert faster than one thread can receive. Receiving needs a core, too. */
const mostThreads = 2;

/**
 * Converts pages in threads of their own, so that the next pages arrive in the meantime. The threads
 * share the memory of the pages: to hand it over would let V8 collect garbage all the time.
 *
 * @param most how many pages there are to convert at once, at the most
 */
export function conversionThreads(layout: CsvLayout, most: number): PageConversion {
  const cores = availableParallelism();
  const count = Math.max(1, Math.min(mostThreads, cores - 1, most));
  const threads = Array.from({ length: count }, () => new Thread(layout));
  return {
    convert(body, csv, notBefore) {
      const [thread] = [...threads].sort((a, b) => a.queued - b.queued) as [Thread];
      return thread.convert(body, csv, notBefore);
    },
    async close() {
      await Promise.all(threads.map((thread) => thread.close()));
    },
  };
}

interface Job {
  readonly csv: PageBuffer;
  readonly resolve: (page: ConvertedPage) => void;
  readonly reject: (error: Error) => void;
}

class Thread {
  readonly #worker: Worker;
  /** In the order in which the thread converts and answers. */
  readonly #jobs: Job[] = [];

  constructor(layout: CsvLayout) {
    this.#worker = new Worker(new URL("./conversion-thread.js", import.meta.url), {
      workerData: layout,
    });
    this.#worker.on("message", (answer: ConversionAnswer) => this.#settle(answer));
    this.#worker.on("error", (error) => this.#fail(error));
    this.#worker.on("exit", () => this.#fail(new Error("a thread ended before its work was done")));
  }

  /** Number of pages that the thread has not converted yet. */
  get queued(): number {
    return this.#jobs.length;
  }

  convert(body: PageBuffer, csv: PageBuffer, notBefore: number): Promise<ConvertedPage> {
    return new Promise((resolve, reject) => {
      this.#jobs.push({ csv, resolve, reject });
      const request: ConversionRequest = { body: body.share(), csv: csv.share(), notBefore };
      this.#worker.postMessage(request);
    });
  }

  async close(): Promise<void> {
    await this.#worker.terminate();
  }

  #settle(answer: ConversionAnswer): void {
    const job = this.#jobs.shift();
    if ("page" in answer) {
      job?.csv.adopt(answer.csv);
      job?.resolve({ ...answer.page, csv: job.csv.bytes() });
    } else {
      const { message, cause } = answer.malformed;
      job?.reject(new MalformedAnswerError(message, { cause }));
    }
  }

  #fail(error: Error): void {
    for (const { reject } of this.#jobs.splice(0)) {
      reject(error);
    }
  }
}
