import type { PeriodOptions } from "./sync-options.js";

/** What is told of something that may begin early: nothing is heard of it before its turn has come. */
export class Turn {
  #waiting: (() => void)[] | undefined = [];

  /** Lets all be heard that was to be told, and what follows at once. */
  begin(): void {
    const waiting = this.#waiting ?? [];
    this.#waiting = undefined;
    for (const tell of waiting) {
      tell();
    }
  }

  tell(what: () => void): void {
    if (this.#waiting) {
      this.#waiting.push(what);
    } else {
      what();
    }
  }

  /** The same options, for something that tells of itself in its turn. */
  optionsOf(options: PeriodOptions, signal: AbortSignal): PeriodOptions {
    const { connection, onProgress } = options;
    return {
      ...options,
      connection: {
        ...connection,
        signal: AbortSignal.any([signal, ...(connection.signal ? [connection.signal] : [])]),
        onRequest: this.#inTurn(connection.onRequest),
        onWait: this.#inTurn(connection.onWait),
        onAnswer: this.#inTurn(connection.onAnswer),
      },
      onProgress: this.#inTurn(onProgress),
    };
  }

  #inTurn<Args extends unknown[]>(listener: ((...args: Args) => void) | undefined) {
    return listener && ((...args: Args) => this.tell(() => listener(...args)));
  }
}
