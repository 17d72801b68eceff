import type { Writable } from "node:stream";
import { ClosedPipeError, OutputError, SparkyEventsError } from "../errors.js";
import { isSystemError } from "../files/errno.js";
import type { MainState } from "../partial/journal-entry.js";
import type { MainOutput } from "../partial/main-output.js";
import { outputError } from "./output-error.js";

/** Writes to a stream that is somebody else's: nothing of this is left on it in the end. */
export class StreamOutput implements MainOutput {
  readonly #stream: Writable;
  readonly #name: string;
  #length = 0;
  #failure: unknown;
  #hasEmitted = false;
  /** Ends the wait for a write, to which a stream that fails may never answer. */
  #giveUp: (reason: unknown) => void = () => {};

  constructor(stream: Writable, name: string) {
    this.#stream = stream;
    this.#name = name;
    stream.on("error", this.#onError);
    stream.on("close", this.#onClose);
  }

  get state(): MainState {
    return { length: this.#length, consumed: this.#length };
  }

  get lengths(): readonly number[] {
    return [this.#length];
  }

  async append(bytes: Uint8Array): Promise<void> {
    await this.end();
    await new Promise<void>((resolve, reject) => {
      this.#giveUp = reject;
      try {
        this.#stream.write(bytes, (error) => (error ? this.#fail(error) : resolve()));
      } catch (error) {
        this.#fail(error);
      }
    });
    this.#length += bytes.length;
  }

  async sync(): Promise<void> {}

  /** @throws OutputError, ClosedPipeError where it has failed since the last write */
  async end(): Promise<void> {
    const failure = this.#failure ?? this.#stream.errored;
    if (failure) {
      throw streamError(failure, this.#name);
    }
  }

  async close(): Promise<void> {
    // The failure that was told is not to come as a surprise later.
    if (this.#stream.errored && !this.#hasEmitted && !this.#stream.closed) {
      await new Promise<void>((resolve) => {
        this.#stream.once("error", () => resolve());
      });
    }
    this.#stream.off("error", this.#onError);
    this.#stream.off("close", this.#onClose);
  }

  #fail(error: unknown): void {
    this.#failure ??= error;
    this.#giveUp(streamError(this.#failure, this.#name));
  }

  /** An error may come between two writes, when the reader goes away. */
  readonly #onError = (error: Error): void => {
    this.#hasEmitted = true;
    this.#fail(error);
  };

  readonly #onClose = (): void => {
    this.#fail(new ClosedPipeError(`The reader of ${this.#name} is gone.`));
  };
}

/** @throws OutputError, ClosedPipeError where nothing can be written any more */
export function refuseClosed({ errored, destroyed, writableEnded }: Writable, name: string): void {
  if (errored) {
    throw streamError(errored, name);
  }
  if (destroyed || writableEnded) {
    const reason = writableEnded ? "has been ended" : "is closed";
    throw new OutputError(`Could not write ${name}: the stream ${reason} already.`);
  }
}

function streamError(error: unknown, name: string): unknown {
  if (error instanceof SparkyEventsError || isSystemError(error)) {
    return outputError(error, name);
  }
  const reason = error instanceof Error ? error.message : String(error);
  return new OutputError(`Could not write ${name}: ${reason}.`, { cause: error });
}
