import type { Writable } from "node:stream";
import type { Output, WrittenOutput } from "./output.js";
import { writeError } from "./write-error.js";

/** An output that cannot be taken back, such as standard output: only the exit code can tell. */
export class StreamOutput implements Output {
  readonly #stream: Writable;
  #bytes = 0;
  #failure: Error | undefined;

  constructor(stream: Writable) {
    this.#stream = stream;
    stream.on("error", this.#onError);
  }

  async write(bytes: Uint8Array): Promise<void> {
    if (this.#failure) {
      throw writeError(this.#failure, "the output");
    }
    await new Promise<void>((resolve, reject) => {
      this.#stream.write(bytes, (error) =>
        error ? reject(writeError(error, "the output")) : resolve(),
      );
    });
    this.#bytes += bytes.length;
  }

  async commit(): Promise<WrittenOutput> {
    this.#stream.off("error", this.#onError);
    return { path: undefined, bytes: this.#bytes };
  }

  async discard(): Promise<void> {}

  async keepIncomplete(): Promise<undefined> {}

  /** An error may come between two writes, when the reader goes away. */
  readonly #onError = (error: Error): void => {
    this.#failure = error;
  };
}
