const zero = 0x30;
const point = 0x2e;
const colon = 0x3a;
const letterZ = 0x5a;

/** The form of nearly all timestamps that the API sends. */
const usualForm = /^\d{4}-\d\d-\d\dT(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d\.\d{3}Z$/;
const usualLength = '"2026-11-19T23:59:56.488Z"'.length;
const hourLength = '"2026-11-19T23:'.length;

const minuteMs = 60_000;
const secondMs = 1000;

/**
 * Reads timestamps, given as JSON strings within a page, as `Date.parse` does.
 *
 * Events come in the order of time, so `Date.parse` is asked once per hour rather than per event.
 */
export class TimeReader {
  #page: Buffer = Buffer.alloc(0);
  #view: DataView = new DataView(this.#page.buffer, 0, 0);
  /** The last timestamp of the usual form, up to the colon after the hour. */
  readonly #hour = new DataView(new ArrayBuffer(hourLength));
  #hourTime = Number.NaN;

  /** Begins with another page; `view` shows the same bytes. */
  open(page: Buffer, view: DataView): void {
    this.#page = page;
    this.#view = view;
  }

  /** Epoch milliseconds, or NaN where the string is no date. */
  read(start: number, end: number): number {
    if (end - start === usualLength && this.#isInHour(start)) {
      const time = this.#hourTime + this.#sinceHour(start + hourLength);
      if (!Number.isNaN(time)) {
        return time;
      }
    }
    const text: string = JSON.parse(this.#page.toString("utf8", start, end));
    if (usualForm.test(text)) {
      const hour = text.slice(0, hourLength - 1);
      Buffer.from(this.#hour.buffer).write(`"${hour}`);
      this.#hourTime = Date.parse(`${hour}00:00.000Z`);
    }
    return Date.parse(text);
  }

  #isInHour(start: number): boolean {
    const view = this.#view;
    const hour = this.#hour;
    // Words of four bytes; the last one overlaps the one before.
    return (
      view.getInt32(start) === hour.getInt32(0) &&
      view.getInt32(start + 4) === hour.getInt32(4) &&
      view.getInt32(start + 8) === hour.getInt32(8) &&
      view.getInt32(start + hourLength - 4) === hour.getInt32(hourLength - 4)
    );
  }

  /** Milliseconds in `59:56.488Z"`, or NaN where it is something else. */
  #sinceHour(index: number): number {
    const page = this.#page;
    if (page[index + 2] !== colon || page[index + 5] !== point || page[index + 9] !== letterZ) {
      return Number.NaN;
    }
    const minutes = 10 * this.#digit(index, 5) + this.#digit(index + 1, 9);
    const seconds = 10 * this.#digit(index + 3, 5) + this.#digit(index + 4, 9);
    const milliseconds =
      100 * this.#digit(index + 6, 9) + 10 * this.#digit(index + 7, 9) + this.#digit(index + 8, 9);
    return minuteMs * minutes + secondMs * seconds + milliseconds;
  }

  #digit(index: number, highest: number): number {
    const digit = this.#page[index]! - zero;
    return digit >= 0 && digit <= highest ? digit : Number.NaN;
  }
}
