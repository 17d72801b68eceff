import { type CsvLayout, type TimestampFormat, zoneOf } from "./csv-layout.js";
import type { FieldWriter } from "./field-writer.js";
import { formatInstant, isUtc, readInstant } from "./timestamp.js";
import { ZoneOffsets } from "./zone-offsets.js";

// See json-scanner.ts on why each module has its own.
const quote = 0x22;
const point = 0x2e;
const zero = 0x30;
const nine = 0x39;
const colon = 0x3a;
const letterZ = 0x5a;

const hourMs = 3_600_000;
const epochLength = "1795129196".length;
const wholeSecondLength = "2026-11-19T23:59:56".length;

/** No time that is written takes more bytes. */
export const longestTime = 32;

/** `+00:00`, which may stand for `Z`: words as `getInt32` reads them. The second one overlaps. */
const plusZeroHours = Buffer.from("+00:").readInt32LE();
const zeroHoursZeroMinutes = Buffer.from("0:00").readInt32LE();

/** Seconds of fewer digits are left to the slow way. */
const fewestDigits = 6;

/** For ten days of hours, and a few. A power of two. */
const slots = 256;

/** Where the parts of a time are that differ within an hour, both as sent and as written. */
const minuteAt = "2026-11-19T23:".length;
const secondAt = minuteAt + 3;
const millisecondAt = secondAt + 3;

/**
 * Writes times of a page in the format of a layout.
 *
 * Times in the usual forms are written digit by digit into a template of their hour; a date is made
 * and the zone asked only for an hour that is new. Whatever is out of the ordinary goes through the
 * functions that define the formats.
 */
export class TimeWriter {
  readonly #format: Exclude<TimestampFormat, "raw">;
  /** Absent where the zone makes no difference. */
  readonly #offsets: ZoneOffsets | undefined;
  readonly #hasMilliseconds: boolean;
  #page: Buffer = Buffer.alloc(0);
  #view: DataView = new DataView(this.#page.buffer, 0, 0);

  // The first slots are for hours of ISO 8601, the others for those of Unix seconds.

  /** The hour as it is sent, up to the colon, in words of which the last two overlap. */
  readonly #texts = new Int32Array(4 * slots);
  /** The hour since 1970; -1 where there is none. */
  readonly #hours = new Int32Array(slots).fill(-1);
  /** Minutes that the zone's clocks are ahead, beyond whole hours; -1 without a template. */
  readonly #minutes = new Int32Array(2 * slots);
  /** Of each slot, the local hour in which the hour begins, and the next one. */
  readonly #templates = Buffer.alloc(2 * 2 * slots * longestTime);
  readonly #templateView = new DataView(this.#templates.buffer, this.#templates.byteOffset);
  readonly #templateLengths = new Uint8Array(2 * slots);
  /** Seconds since 1970 at which the hour of each slot begins. */
  readonly #starts = new Float64Array(2 * slots);

  constructor(layout: CsvLayout, format: Exclude<TimestampFormat, "raw">) {
    this.#format = format;
    this.#offsets =
      format === "epoch" || isUtc(layout.zone) ? undefined : new ZoneOffsets(zoneOf(layout));
    this.#hasMilliseconds = format === "iso";
  }

  /** Begins with another page; `view` shows the same bytes. */
  open(page: Buffer, view: DataView): void {
    this.#page = page;
    this.#view = view;
  }

  /**
   * Writes the field of a string or number, for which there has to be room.
   *
   * @returns false where the value is no time; nothing is written then
   */
  write(start: number, end: number, writer: FieldWriter): boolean {
    const isString = this.#page[start] === quote;
    const from = isString ? start + 1 : start;
    const length = (isString ? end - 1 : end) - from;
    if (length > wholeSecondLength) {
      if (this.#writeIso(from, length, writer)) {
        return true;
      }
    } else if (length === epochLength && this.#writeEpoch(from, writer)) {
      return true;
    }
    return this.#writeOther(start, end, writer);
  }

  #writeOther(start: number, end: number, writer: FieldWriter): boolean {
    const json = this.#page.toString("utf8", start, end);
    const instant = readInstant(this.#page[start] === quote ? JSON.parse(json) : json);
    if (Number.isNaN(instant)) {
      return false;
    }
    writer.writeAscii(formatInstant(instant, this.#format, this.#offsets?.at(instant)));
    return true;
  }

  /** Writes ten digits of seconds. Returns false where they are something else. */
  #writeEpoch(from: number, writer: FieldWriter): boolean {
    const page = this.#page;
    let seconds = 0;
    for (let index = from; index < from + epochLength; index++) {
      const digit = page[index]! - zero;
      if (digit < 0 || digit > 9) {
        return false;
      }
      seconds = 10 * seconds + digit;
    }
    const hour = Math.floor(seconds / 3600);
    const slot = hour & (slots - 1);
    if (this.#hours[slot] !== hour) {
      this.#hours[slot] = hour;
      this.#beginHour(slots + slot, hour * hourMs);
    }
    const second = seconds - 3600 * hour;
    const minute = (second / 60) | 0;
    return this.#writeInHour(slots + slot, minute, second - 60 * minute, zero, zero, zero, writer);
  }

  /** Writes a date and time in UTC. Returns false where it is something else. */
  #writeIso(from: number, length: number, writer: FieldWriter): boolean {
    const page = this.#page;
    const hasMilliseconds = page[from + wholeSecondLength] === point;
    const zoneAt = hasMilliseconds ? wholeSecondLength + 4 : wholeSecondLength;
    if (!this.#isUtcAt(from + zoneAt, length - zoneAt)) {
      return false;
    }
    // The digits of the day and the hour; which bytes they are is looked at next.
    const days = 10 * (page[from + 8]! & 15) + (page[from + 9]! & 15);
    const hours = 10 * (page[from + 11]! & 15) + (page[from + 12]! & 15);
    const slot = (24 * days + hours) & (slots - 1);
    if (!this.#isTextAt(from, slot) && !this.#beginText(from, slot)) {
      return false;
    }
    const minute1 = page[from + minuteAt]! - zero;
    const minute2 = page[from + minuteAt + 1]! - zero;
    const second1 = page[from + secondAt]! - zero;
    const second2 = page[from + secondAt + 1]! - zero;
    const millisecond1 = hasMilliseconds ? page[from + millisecondAt]! : zero;
    const millisecond2 = hasMilliseconds ? page[from + millisecondAt + 1]! : zero;
    const millisecond3 = hasMilliseconds ? page[from + millisecondAt + 2]! : zero;
    // Negative where any of them is.
    const digits =
      minute1 |
      (5 - minute1) |
      minute2 |
      (9 - minute2) |
      (second1 | (5 - second1) | second2 | (9 - second2)) |
      ((millisecond1 - zero) | (nine - millisecond1)) |
      ((millisecond2 - zero) | (nine - millisecond2)) |
      ((millisecond3 - zero) | (nine - millisecond3));
    if (digits < 0 || page[from + secondAt - 1] !== colon) {
      return false;
    }
    return this.#writeInHour(
      slot,
      10 * minute1 + minute2,
      10 * second1 + second2,
      millisecond1,
      millisecond2,
      millisecond3,
      writer,
    );
  }

  /** Whether the rest of the value says that it is in UTC. */
  #isUtcAt(index: number, length: number): boolean {
    return length === 1
      ? this.#page[index] === letterZ
      : length === 6 &&
          this.#view.getInt32(index, true) === plusZeroHours &&
          this.#view.getInt32(index + 2, true) === zeroHoursZeroMinutes;
  }

  #isTextAt(from: number, slot: number): boolean {
    const view = this.#view;
    const texts = this.#texts;
    return (
      view.getInt32(from, true) === texts[4 * slot] &&
      view.getInt32(from + 4, true) === texts[4 * slot + 1] &&
      view.getInt32(from + 8, true) === texts[4 * slot + 2] &&
      view.getInt32(from + minuteAt - 4, true) === texts[4 * slot + 3]
    );
  }

  /** Puts the hour that a time is in into a slot. Returns false where it is no hour. */
  #beginText(from: number, slot: number): boolean {
    const text = this.#page.toString("latin1", from, from + minuteAt);
    const instant = readInstant(`${text}00:00Z`);
    if (Number.isNaN(instant)) {
      return false;
    }
    for (const [word, at] of [0, 4, 8, minuteAt - 4].entries()) {
      this.#texts[4 * slot + word] = this.#view.getInt32(from + at, true);
    }
    this.#beginHour(slot, instant);
    return true;
  }

  /** Returns false in an hour that has no template. */
  #writeInHour(
    slot: number,
    minute: number,
    second: number,
    millisecond1: number,
    millisecond2: number,
    millisecond3: number,
    writer: FieldWriter,
  ): boolean {
    const ahead = this.#minutes[slot]!;
    if (ahead < 0) {
      return false;
    }
    const length = this.#templateLengths[slot]!;
    let template = 2 * slot * longestTime;
    if (this.#format === "epoch") {
      const pointAt = template + length - 4;
      this.#writeDigits(this.#starts[slot]! + 60 * minute + second, pointAt);
      this.#writeMilliseconds(pointAt + 1, millisecond1, millisecond2, millisecond3);
      writer.writeWords(this.#templateView, template, length);
      return true;
    }
    let localMinute = minute + ahead;
    if (localMinute >= 60) {
      localMinute -= 60;
      template += longestTime;
    }
    const templates = this.#templates;
    const minuteTens = (localMinute / 10) | 0;
    const secondTens = (second / 10) | 0;
    templates[template + minuteAt] = zero + minuteTens;
    templates[template + minuteAt + 1] = zero + localMinute - 10 * minuteTens;
    templates[template + secondAt] = zero + secondTens;
    templates[template + secondAt + 1] = zero + second - 10 * secondTens;
    if (this.#hasMilliseconds) {
      this.#writeMilliseconds(template + millisecondAt, millisecond1, millisecond2, millisecond3);
    }
    writer.writeWords(this.#templateView, template, length);
    return true;
  }

  #writeMilliseconds(at: number, digit1: number, digit2: number, digit3: number): void {
    this.#templates[at] = digit1;
    this.#templates[at + 1] = digit2;
    this.#templates[at + 2] = digit3;
  }

  /** Writes a whole number of `fewestDigits` or more into the templates, in front of an index. */
  #writeDigits(number: number, end: number): void {
    // Halves that are small integers, since the whole is none.
    let high = Math.floor(number / 100_000);
    let low = number - 100_000 * high;
    let at = end - 1;
    for (; at >= end - 5; at--) {
      const tens = (low / 10) | 0;
      this.#templates[at] = zero + low - 10 * tens;
      low = tens;
    }
    for (; high > 0; at--) {
      const tens = (high / 10) | 0;
      this.#templates[at] = zero + high - 10 * tens;
      high = tens;
    }
  }

  /** @param start of the hour, epoch milliseconds */
  #beginHour(slot: number, start: number): void {
    const offset = this.#offsets?.at(start);
    if (!this.#isSteady(start, offset)) {
      this.#minutes[slot] = -1;
      return;
    }
    const minutes = ((((offset ?? 0) / 60) % 60) + 60) % 60;
    this.#minutes[slot] = minutes;
    this.#starts[slot] = start / 1000;
    const localHour = start - minutes * 60_000;
    for (const next of [0, 1]) {
      const text = formatInstant(localHour + next * hourMs, this.#format, offset);
      this.#templates.write(text, (2 * slot + next) * longestTime, "latin1");
      if (next === 0) {
        this.#templateLengths[slot] = text.length;
      }
    }
  }

  /** Whether one template does for all times of the hour. */
  #isSteady(start: number, offset: number | undefined): boolean {
    const last = start + hourMs - 1;
    if (this.#format === "epoch") {
      const [shortest, longest] = [start, last].map(
        (time) => String(Math.floor(time / 1000)).length,
      );
      return shortest === longest && shortest! >= fewestDigits;
    }
    return offset === undefined || (offset % 60 === 0 && offset === this.#offsets?.at(last));
  }
}
