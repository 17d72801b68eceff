import { UsageError } from "../errors.js";
import { parseDuration } from "../time/duration.js";
import { unitLength } from "../time/units.js";
import type { Given } from "./given.js";

export function readChoice<Name extends string>(
  given: Given | undefined,
  names: readonly Name[],
  otherwise: Name,
): Name {
  const name = given ? names.find((one) => one === given.value.toLowerCase()) : otherwise;
  if (name === undefined) {
    throw new UsageError(`${given?.name}: "${given?.value}" is not one of ${names.join(", ")}.`, {
      hint: `Leave it out for ${otherwise}.`,
    });
  }
  return name;
}

const yesWords = ["yes", "true", "on", "1"];
const noWords = ["no", "false", "off", "0"];

export function readYesNo(given: Given | undefined, otherwise: boolean): boolean {
  if (!given) {
    return otherwise;
  }
  const word = given.value.toLowerCase();
  if (!yesWords.includes(word) && !noWords.includes(word)) {
    throw new UsageError(`${given.name}: "${given.value}" is neither yes nor no.`, {
      hint: "Write yes or no.",
    });
  }
  return yesWords.includes(word);
}

/** @param hint where the number is another one */
export function readCount(
  given: Given | undefined,
  otherwise: number,
  most: number,
  hint = `Leave it out for ${otherwise}.`,
): number {
  if (!given) {
    return otherwise;
  }
  const count = Number(given.value);
  if (!/^\d+$/.test(given.value) || count < 1 || count > most) {
    throw new UsageError(`${given.name}: "${given.value}" is not a number from 1 to ${most}.`, {
      hint,
    });
  }
  return count;
}

const longestDuration = unitLength.day;

export function readDuration(given: Given | undefined, otherwise: number): number {
  const duration = given ? parseDuration(given.value, given.name) : otherwise;
  if (duration > longestDuration) {
    throw new UsageError(`${given?.name}: "${given?.value}" is too long.`, {
      hint: "Write at most 24h.",
    });
  }
  return duration;
}
