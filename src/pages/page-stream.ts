import { MalformedAnswerError } from "../api/answer.js";
import { measureJson } from "../api/json-size.js";
import { mostValues, mostWhole } from "../api/whole-body.js";
import { formatCount } from "../count.js";
import { PageBuffer } from "../page-buffer.js";
import { formatSize } from "../size.js";
import type {
  ConvertedPage,
  PageConverter,
  QuickConverter,
  StreamingConverter,
} from "./page-converter.js";
import type { PageRange } from "./page-range.js";
import { pageTooLarge } from "./page-too-large.js";

/** A body of up to this size is kept, for the reference to have its say. */
const mostKept = 64 * 1024;

/** Several times as many as a page of SparkPost's has; each takes memory of its own. */
const mostEvents = 50_000;

/**
 * Turns the bodies of answers into pages while they arrive, one after the other.
 *
 * What the quick converter has taken is gone. A large page that it refuses is received once more, as a
 * whole, and the reference decides on it.
 */
export class PageStream implements StreamingConverter {
  readonly #quick: QuickConverter | undefined;
  readonly #reference: PageConverter;
  readonly #kept = new PageBuffer();
  #size = 0;
  /** Whether the quick converter goes on with the current body. */
  #quickly = false;
  /** Whether the next body is received as a whole. */
  #whole: boolean;

  constructor(quick: QuickConverter | undefined, reference: PageConverter) {
    this.#quick = quick;
    this.#reference = reference;
    this.#whole = quick === undefined;
  }

  begin(expected: number): void {
    this.#size = 0;
    this.#kept.begin(this.#whole ? expected : 0);
    this.#quickly = !this.#whole;
    if (this.#quickly) {
      this.#quick?.begin();
    }
  }

  /** @throws AnswerTooLargeError where there is not enough memory for the page */
  write(chunk: Uint8Array): void {
    this.#size += chunk.length;
    if (!this.#quickly && this.#size > mostWhole) {
      throw this.#tooLarge(
        `The page is larger than ${formatSize(mostWhole)}, the most that is held in memory.`,
        this.#fitting(mostWhole),
      );
    }
    if (this.#whole || this.#size <= mostKept) {
      this.#kept.write(chunk);
    }
    if (this.#quickly) {
      this.#quickly = this.#quick?.add(chunk) ?? false;
    }
  }

  end(range: PageRange): ConvertedPage {
    const page = this.#quickly ? this.#quick?.end(range) : undefined;
    if (page) {
      return page;
    }
    if (!this.#whole && this.#size > mostKept) {
      this.#whole = true;
      throw new MalformedAnswerError("the answer is not the usual kind of page");
    }
    const body = this.#kept.bytes();
    const { events, values } = measureJson(body);
    if (events > mostEvents) {
      throw this.#tooLarge(`The page has more than ${formatCount(mostEvents)} events.`, events);
    }
    if (values > mostValues) {
      throw this.#tooLarge(
        "The page has more values than can be held in memory.",
        (events * mostValues) / values,
      );
    }
    const decided = this.#reference.convert(body, range);
    this.#whole = this.#quick === undefined;
    return decided;
  }

  #tooLarge(what: string, fitting: number): Error {
    this.#whole = this.#quick === undefined;
    return pageTooLarge(what, fitting);
  }

  /** About how many events like those at the beginning are in so many bytes. */
  #fitting(bytes: number): number {
    const beginning = this.#kept.bytes();
    return (measureJson(beginning).events * bytes) / Math.max(1, beginning.length);
  }
}
