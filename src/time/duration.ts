import { UsageError } from "../errors.js";
import { unitLength } from "./units.js";

const amount = String.raw`(\d+(?:\.\d+)?)`;
const durationForm = new RegExp(`^(?:${amount}d)?(?:${amount}h)?(?:${amount}m)?(?:${amount}s)?$`);
const unitsInOrder = ["day", "hour", "minute", "second"] as const;

/**
 * Reads a duration such as `90s`, `90m`, `24h`, `7d`, `1.5h` or `1h30m`.
 *
 * @param name - the argument or setting that the text belongs to, for the error message
 * @returns milliseconds, more than 0
 * @throws UsageError when the text is anything else
 */
export function parseDuration(text: string, name = "duration"): number {
  const written = text.trim();
  if (/^\d+(\.\d+)?$/.test(written)) {
    throw new UsageError(`${name} "${written}" has no unit.`, {
      hint: `Add s, m, h or d: ${written}s is that many seconds, ${written}m that many minutes.`,
    });
  }
  const match = durationForm.exec(written);
  if (match === null || written === "") {
    const right = rightDuration(written);
    throw new UsageError(`${name} "${written}" is not a duration.`, {
      hint: right
        ? `Write ${right}.`
        : "Write a number and a unit, in lower case: 90s, 90m, 24h, 7d or 1h30m.",
    });
  }
  const milliseconds = unitsInOrder.reduce(
    (sum, unit, index) => sum + Number(match[index + 1] ?? 0) * unitLength[unit],
    0,
  );
  const whole = Math.round(milliseconds);
  if (whole === 0) {
    throw new UsageError(`${name} "${written}" must be longer than zero.`, {
      hint: "For example: 90s, 90m, 24h or 7d.",
    });
  }
  return whole;
}

const unitNames: readonly (readonly [unit: string, names: RegExp])[] = [
  ["s", /^s(ecs?|econds?)?$/i],
  ["m", /^m(ins?|inutes?)?$/i],
  ["h", /^h(rs?|ours?)?$/i],
  ["d", /^d(ays?)?$/i],
  ["w", /^w(ks?|eeks?)?$/i],
];

/** The right way to write `1w`, `7 days`, `24H` or `5sec`, if that is what the text is. */
function rightDuration(text: string): string | undefined {
  const [, count = "", name = ""] = /^(\d+(?:\.\d+)?)\s*([a-z]+)$/i.exec(text) ?? [];
  const [unit] = unitNames.find(([, names]) => names.test(name)) ?? [];
  return unit === "w" ? `${Number(count) * 7}d` : unit && count + unit;
}

/**
 * Writes a duration for people, with the two largest units that matter: `0.8 s`, `42 s`,
 * `3 min 05 s`, `15 min`, `2 h 14 min`, `5 d 3 h`.
 *
 * @param milliseconds - not negative
 */
export function formatDuration(milliseconds: number): string {
  const tenths = Math.round(milliseconds / 100);
  if (tenths < 100) return `${tenths / 10} s`;

  // Each total is rounded before it is split: 59.6 s must become 1 min, not 60 s.
  const seconds = Math.round(milliseconds / unitLength.second);
  if (seconds < 60) return `${seconds} s`;
  if (seconds < 3600) return inTwoUnits(seconds, 60, "min", "s");

  const minutes = Math.round(milliseconds / unitLength.minute);
  if (minutes < 1440) return inTwoUnits(minutes, 60, "h", "min");

  return inTwoUnits(Math.round(milliseconds / unitLength.hour), 24, "d", "h");
}

function inTwoUnits(count: number, perLarge: number, large: string, small: string): string {
  const rest = count % perLarge;
  const whole = `${Math.floor(count / perLarge)} ${large}`;
  return rest === 0
    ? whole
    : `${whole} ${String(rest).padStart(small === "h" ? 1 : 2, "0")} ${small}`;
}
