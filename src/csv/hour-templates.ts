import { isUtc } from "../time/utc-zone.js";
import { ZoneOffsets } from "../time/zone-offsets.js";
import { type CsvLayout, type TimestampFormat, zoneOf } from "./csv-layout.js";
import { formatInstant } from "./timestamp.js";

const hourMs = 3_600_000;

/** Seconds of fewer digits have no template. */
const fewestDigits = 6;

/** What the times of an hour have in common. */
export interface HourTemplate {
  /** Minutes that the zone's clocks are ahead, beyond whole hours. */
  readonly minutes: number;
  /** The local hour in which the hour begins, and the next one, as they are written. */
  readonly texts: readonly [string, string];
}

/** Writes times in the format of a layout, one by one or as templates of an hour. */
export class HourTemplates {
  readonly #format: Exclude<TimestampFormat, "raw">;
  /** Absent where the zone makes no difference. */
  readonly #offsets: ZoneOffsets | undefined;

  constructor(layout: CsvLayout, format: Exclude<TimestampFormat, "raw">) {
    this.#format = format;
    this.#offsets =
      format === "epoch" || isUtc(layout.zone) ? undefined : new ZoneOffsets(zoneOf(layout.zone));
  }

  /** @param instant epoch milliseconds */
  write(instant: number): string {
    return formatInstant(instant, this.#format, this.#offsets?.at(instant));
  }

  /**
   * @param start of the hour, epoch milliseconds
   * @returns undefined where one template does not do for all times of the hour
   */
  ofHour(start: number): HourTemplate | undefined {
    const offset = this.#offsets?.at(start);
    if (!this.#isSteady(start, offset)) {
      return undefined;
    }
    const minutes = ((((offset ?? 0) / 60) % 60) + 60) % 60;
    const localHour = start - minutes * 60_000;
    return {
      minutes,
      texts: [
        formatInstant(localHour, this.#format, offset),
        formatInstant(localHour + hourMs, this.#format, offset),
      ],
    };
  }

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
