import { MalformedAnswerError } from "../api/answer.js";
import type { BodySink } from "../api/exchange.js";
import { measureJson } from "../api/json-size.js";
import { mostValues, mostWhole } from "../api/whole-body.js";
import { formatCount } from "../count.js";
import type { CsvLayout } from "../csv/csv-layout.js";
import { createReferenceConverter } from "../csv/reference-converter.js";
import { PageBuffer } from "../page-buffer.js";
import type { ConvertedPage, PageConverter } from "../pages/page-converter.js";
import type { PageRange } from "../pages/page-range.js";
import { pageTooLarge } from "../pages/page-too-large.js";
import { formatSize } from "../size.js";
import { csvTask } from "./csv-task.js";
import { Projector } from "./projector.js";

/** A body of up to this size is kept, for the reference to have its say. */
const mostKept = 64 * 1024;

/** Several times as many as a page of SparkPost's has; each takes memory of its own. */
const mostEvents = 50_000;

/**
 * Turns the bodies of answers into pages of CSV while they arrive, one after the other.
 *
 * What the projector has taken is gone. A large page that it refuses is received once more, as a
 * whole, and the reference converter decides on it.
 */
export class PageStream implements BodySink {
  readonly #projector: Projector | undefined;
  readonly #reference: PageConverter;
  readonly #kept = new PageBuffer();
  #size = 0;
  /** Whether the projector goes on with the current body. */
  #projecting = false;
  /** Whether the next body is received as a whole. */
  #whole: boolean;

  constructor(layout: CsvLayout) {
    this.#projector = Projector.create(csvTask(layout));
    this.#reference = createReferenceConverter(layout);
    this.#whole = this.#projector === undefined;
  }

  begin(expected: number): void {
    this.#size = 0;
    this.#kept.begin(this.#whole ? expected : 0);
    this.#projecting = !this.#whole;
    if (this.#projecting) {
      this.#projector?.begin();
    }
  }

  /** @throws AnswerTooLargeError where there is not enough memory for the page */
  write(chunk: Uint8Array): void {
    this.#size += chunk.length;
    if (!this.#projecting && this.#size > mostWhole) {
      throw this.#tooLarge(
        `The page is larger than ${formatSize(mostWhole)}, the most that is held in memory.`,
        this.#fitting(mostWhole),
      );
    }
    if (this.#whole || this.#size <= mostKept) {
      this.#kept.write(chunk);
    }
    if (this.#projecting) {
      this.#projecting = this.#projector?.add(chunk) ?? false;
    }
  }

  /**
   * The page, once its body is whole.
   *
   * @param range as for `PageConverter.convert`
   * @returns the page; its CSV is valid until the next one ends
   * @throws MalformedAnswerError where it has to be received again, or is no page;
   *   AnswerTooLargeError where there is not enough memory for it
   */
  end(range: PageRange): ConvertedPage {
    const page = this.#projecting ? this.#projector?.end(range) : undefined;
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
    this.#whole = this.#projector === undefined;
    return decided;
  }

  #tooLarge(what: string, fitting: number): Error {
    this.#whole = this.#projector === undefined;
    return pageTooLarge(what, fitting);
  }

  /** About how many events like those at the beginning are in so many bytes. */
  #fitting(bytes: number): number {
    const beginning = this.#kept.bytes();
    return (measureJson(beginning).events * bytes) / Math.max(1, beginning.length);
  }
}
