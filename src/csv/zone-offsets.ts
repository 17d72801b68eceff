import type { Zone } from "luxon";

const hourMs = 3_600_000;
const slots = 256;

/** Of this hour; none has two changes of the clocks. */
interface Hour {
  readonly number: number;
  readonly before: number;
  readonly after: number;
  /** The instant of the change; the end of the hour where there is none. */
  readonly change: number;
}

/** Offsets of a zone. The zone itself takes long to answer, and is asked once per hour only. */
export class ZoneOffsets {
  readonly #zone: Zone;
  readonly #hours: (Hour | undefined)[] = new Array(slots).fill(undefined);

  constructor(zone: Zone) {
    this.#zone = zone;
  }

  /** Seconds that the zone is ahead of UTC at an instant (epoch milliseconds). */
  at(instant: number): number {
    const number = Math.floor(instant / hourMs);
    const slot = number & (slots - 1);
    let hour = this.#hours[slot];
    if (hour?.number !== number) {
      hour = this.#askHour(number);
      this.#hours[slot] = hour;
    }
    return instant < hour.change ? hour.before : hour.after;
  }

  #askHour(number: number): Hour {
    const start = number * hourMs;
    const before = offsetAt(this.#zone, start);
    const after = offsetAt(this.#zone, start + hourMs - 1);
    let [low, change] = [start, start + hourMs];
    while (before !== after && change - low > 1) {
      const middle = Math.floor((low + change) / 2);
      if (offsetAt(this.#zone, middle) === before) {
        low = middle;
      } else {
        change = middle;
      }
    }
    return { number, before, after, change };
  }
}

/** Seconds that a zone is ahead of UTC at an instant (epoch milliseconds). */
export function offsetAt(zone: Zone, instant: number): number {
  // Luxon counts minutes, and such of a second as parts of them.
  return Math.round(zone.offset(instant) * 60);
}
