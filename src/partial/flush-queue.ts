/** What was written, or is being written, and must survive a power loss. */
export interface Flushable {
  sync(): Promise<void>;
}

interface Entry {
  readonly file: Flushable;
  readonly record: () => Promise<void>;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

/** So many entries may wait for the disk. */
const mostWaiting = 8;

/**
 * Flushes what was written, and puts it on record in the order in which it came.
 *
 * There is one flush at a time, because flushes occupy the few threads that Node has for files; what
 * comes in the meantime shares the next round, so a slow disk is asked less often.
 */
export class FlushQueue {
  #waiting: Entry[] = [];
  /** Resolves when nothing waits any more. */
  #running: Promise<void> | undefined;
  /** Resolves when everything so far is on record. */
  #last: Promise<void> = Promise.resolve();
  #unrecorded: Promise<void>[] = [];
  #failure: { readonly error: unknown } | undefined;

  /**
   * @param record called when the file is safe and everything before it is on record
   * @returns resolves when it is on record; rejects where that failed, or something before it
   */
  add(file: Flushable, record: () => Promise<void>): Promise<void> {
    const recorded = new Promise<void>((resolve, reject) => {
      this.#waiting.push({ file, record, resolve, reject });
    });
    // Whoever adds the next one, or waits for all, hears of a failure.
    recorded.catch(() => {});
    this.#last = recorded;
    this.#unrecorded.push(recorded);
    this.#running ??= this.#run();
    return recorded;
  }

  /** Until there is room for one more. */
  async backPressure(): Promise<void> {
    while (this.#unrecorded.length > mostWaiting) {
      await this.#unrecorded.shift();
    }
  }

  /** Until everything so far is on record. */
  settled(): Promise<void> {
    return this.#last;
  }

  async #run(): Promise<void> {
    while (this.#waiting.length > 0) {
      const round = this.#waiting.splice(0);
      for (const file of new Set(round.map((entry) => entry.file))) {
        await this.#unlessFailed(() => file.sync());
      }
      for (const { record, resolve, reject } of round) {
        await this.#unlessFailed(record);
        if (this.#failure) {
          reject(this.#failure.error);
        } else {
          resolve();
        }
      }
    }
    this.#running = undefined;
  }

  /** What comes after a failure must not come on record. */
  async #unlessFailed(work: () => Promise<void>): Promise<void> {
    if (this.#failure) {
      return;
    }
    try {
      await work();
    } catch (error) {
      this.#failure = { error };
    }
  }
}
