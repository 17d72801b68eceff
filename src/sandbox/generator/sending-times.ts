import { unitLength } from "../../time/units.js";
import { mix } from "../mix.js";
import { between, fraction, pick } from "./draw.js";

/** The events start an hour short of SparkPost's 10 days, so that none expires in the first hour. */
const window = 10 * unitLength.day - unitLength.hour;

/** How busy each UTC hour of the day is: quiet nights, peaks in the morning and after work. */
const hourWeights = [
  3, 2, 1, 1, 2, 4, 9, 20, 34, 36, 28, 22, 24, 22, 19, 18, 22, 30, 32, 24, 16, 11, 7, 4,
] as const;

/** Share of each campaign's blast in all the messages that blasts send. */
const blastWeights = [28, 20, 14, 11, 9, 7, 6, 5] as const;
const blastHours = [7, 8, 9, 12, 17, 18] as const;
const blastMessages = 0.5;
const burstMessages = 0.6;
const blastTail = 10 * unitLength.minute;

/** Steps of the busyness curve. */
const stepLength = 10 * unitLength.minute;

/** When messages are sent: one by one through the day, or by the thousands at once. */
export class SendingTimes {
  /** Times are at or after `start` and before `end`, in milliseconds since 1970. */
  readonly start: number;
  readonly end: number;
  /** When each blast begins: on one of the nine whole days, at a busy hour. */
  readonly blastStarts: readonly number[];
  readonly #busyness: Float64Array;

  constructor(seed: number, now: number) {
    this.end = now;
    this.start = now - window;
    this.#busyness = accumulate(this.start, this.end);
    const firstDay = Math.floor(this.start / unitLength.day) + 1;
    this.blastStarts = blastWeights.map((_, blast) => {
      const key = mix(seed, blast);
      const hour = pick(key, "blastHour", blastHours);
      const minute = 5 * between(key, "blastMinute", 0, 11);
      return (
        (firstDay + between(key, "blastDay", 0, 8)) * unitLength.day +
        hour * unitLength.hour +
        minute * unitLength.minute
      );
    });
  }

  /** Number of the blast that the message belongs to; `undefined` for one sent on its own. */
  blastOf(messageKey: number): number | undefined {
    let share = fraction(messageKey, "blast") / blastMessages;
    if (share >= 1) return undefined;
    return blastWeights.findIndex((weight) => {
      share -= weight / 100;
      return share < 0;
    });
  }

  /** When the message is injected, in whole milliseconds since 1970. */
  injectionTime(messageKey: number, blast: number | undefined): number {
    const share = fraction(messageKey, "sendingTime");
    if (blast === undefined) return this.#busyTime(share);
    const inBurst = fraction(messageKey, "burst") < burstMessages;
    return this.blastStarts[blast]! + Math.floor(share * (inBurst ? unitLength.second : blastTail));
  }

  /** Opens and clicks wait for the morning, mostly, when they would fall into the night. */
  wakingTime(time: number, messageKey: number): number {
    const hour = hourOf(time);
    const asleep = hour >= 23 || hour < 6;
    const share = fraction(messageKey, "waking");
    return asleep && share > 0.2
      ? time + Math.floor(6 * unitLength.hour + share * 3 * unitLength.hour)
      : time;
  }

  /** The time up to which `share` of all the messages sent on their own have been sent. */
  #busyTime(share: number): number {
    const target = share * this.#busyness.at(-1)!;
    let low = 0;
    let high = this.#busyness.length - 1;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#busyness[middle]! > target) high = middle;
      else low = middle + 1;
    }
    const before = low === 0 ? 0 : this.#busyness[low - 1]!;
    const within = (target - before) / (this.#busyness[low]! - before);
    const time = this.start + Math.floor((low + within) * stepLength);
    return Math.min(time, this.end - 1);
  }
}

/** Running total of the busyness at the end of each step from `start` to `end`. */
function accumulate(start: number, end: number): Float64Array {
  const totals = new Float64Array(Math.ceil((end - start) / stepLength));
  let total = 0;
  for (let step = 0; step < totals.length; step++) {
    total += hourWeights[hourOf(start + step * stepLength)]!;
    totals[step] = total;
  }
  return totals;
}

function hourOf(time: number): number {
  return Math.floor((time % unitLength.day) / unitLength.hour);
}
