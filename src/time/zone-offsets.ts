import type { Zone } from "luxon";
import { clockChange } from "./clock-change.js";
import { unitLength } from "./units.js";

const hour = unitLength.hour;
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
    const number = Math.floor(instant / hour);
    const slot = number & (slots - 1);
    let asked = this.#hours[slot];
    if (asked?.number !== number) {
      asked = this.#askHour(number);
      this.#hours[slot] = asked;
    }
    return instant < asked.change ? asked.before : asked.after;
  }

  #askHour(number: number): Hour {
    const start = number * hour;
    const before = offsetAt(this.#zone, start);
    const last = start + hour - 1;
    const after = offsetAt(this.#zone, last);
    const change = before === after ? last + 1 : clockChange(start, last, this.#zone);
    return { number, before, after, change };
  }
}

/** Seconds that a zone is ahead of UTC at an instant (epoch milliseconds). */
export function offsetAt(zone: Zone, instant: number): number {
  // Luxon counts minutes, and such of a second as parts of them.
  return Math.round(zone.offset(instant) * 60);
}
