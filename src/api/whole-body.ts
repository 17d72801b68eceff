import { AnswerTooLargeError } from "../errors.js";
import { PageBuffer } from "../page-buffer.js";
import { formatSize } from "../size.js";
import { MalformedAnswerError } from "./answer.js";
import type { BodySink } from "./exchange.js";
import { measureJson } from "./json-size.js";

/** Largest body that is held in memory, in bytes; ordinary pages have up to 15 MB. */
export const mostWhole = 32_000_000;

/** Most values that are held in memory at once; ordinary pages have up to about 700,000. */
export const mostValues = 1_200_000;

const hint = "Ask for fewer events at once with --per-page (perPage).";

/** A body that is kept until it is whole, and parsed then. */
export class WholeBody implements BodySink {
  readonly #buffer = new PageBuffer();

  begin(expected: number): void {
    this.#buffer.begin(expected);
  }

  /** @throws AnswerTooLargeError */
  write(chunk: Uint8Array): void {
    if (this.#buffer.bytes().length + chunk.length > mostWhole) {
      const size = formatSize(mostWhole);
      throw new AnswerTooLargeError(
        `The answer is larger than ${size}, the most that is held in memory.`,
        { hint },
      );
    }
    this.#buffer.write(chunk);
  }

  /** Valid until the next `begin`. */
  bytes(): Uint8Array {
    return this.#buffer.bytes();
  }

  /** @throws MalformedAnswerError where the body is not JSON; AnswerTooLargeError */
  json(): unknown {
    const body = this.#buffer.bytes();
    // A value has a byte at least.
    if (body.length > mostValues && measureJson(body).values > mostValues) {
      throw new AnswerTooLargeError("The answer has more values than can be held in memory.", {
        hint,
      });
    }
    try {
      return JSON.parse(new TextDecoder().decode(body));
    } catch (error) {
      throw new MalformedAnswerError("the answer is not whole JSON", { cause: error });
    }
  }
}
