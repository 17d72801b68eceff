/**
 * Writes times in the format of a layout.
 *
 * Times in the usual forms are written digit by digit into a template of their hour; a date is made
 * and the zone asked only for an hour that is new. Whatever is out of the ordinary goes through the
 * functions that define the formats.
 */

import { colon, letterUpperZ, point, quote, zero } from "./ascii";
import { beginHour, readHour, writeAnyTime } from "./host";
import { byteAt } from "./json-scanner";
import { longestTime, templatesPerHour } from "./limits";
import { writeBytes } from "./output";
import { writesEpoch, writesMilliseconds } from "./settings";

const hourMs: f64 = 3_600_000;
/** Length of `1795129196`. */
const epochLength: usize = 10;
/** Length of `2026-11-19T23:59:56`. */
const wholeSecondLength: usize = 19;

/** `+00:00`, which may stand for `Z`: words of four bytes, of which the second overlaps. */
const plusZeroHours: u32 = 0x3a30302b;
const zeroHoursZeroMinutes: u32 = 0x30303a30;

/** For ten days of hours, and a few. A power of two. */
const hourSlots: i32 = 256;

/** Where the parts of a time are that differ within an hour, both as sent and as written. */
const minuteAt: usize = 14;
const secondAt: usize = 17;
const millisecondAt: usize = 20;

// The first slots are for hours of ISO 8601, the others for those of Unix seconds.

/** The hour as it is sent, up to the colon. */
const texts: usize = memory.data(hourSlots * 16, 16);
/** The hour since 1970; the highest number where there is none. */
const hours: usize = memory.data(hourSlots * 4, 4);
/** Minutes that the zone's clocks are ahead, beyond whole hours; -1 without a template. */
export const hourMinutes: usize = memory.data(2 * hourSlots * 4, 4);
/** Of each slot, the local hour in which the hour begins, and the next one. */
export const hourTemplates: usize = memory.data(2 * hourSlots * templatesPerHour * longestTime, 16);
export const hourTemplateLengths: usize = memory.data(2 * hourSlots);
/** Seconds since 1970 at which the hour of each slot begins. */
export const hourStarts: usize = memory.data(2 * hourSlots * 8, 8);

export function openTimes(): void {
  memory.fill(hours, 0xff, 4 * hourSlots);
}

/**
 * Writes the field of a string or number.
 *
 * @returns the address after it, or 0 where the value is no time
 */
export function writeTime(start: usize, end: usize, to: usize): usize {
  const isString = byteAt(start) === quote;
  const from = isString ? start + 1 : start;
  const length = (isString ? end - 1 : end) - from;
  let written: usize = 0;
  if (length > wholeSecondLength) {
    written = writeIso(from, length, to);
  } else if (length === epochLength) {
    written = writeEpoch(from, to);
  }
  return written === 0 ? writeAnyTime(start, end, to) : written;
}

/** Writes ten digits of seconds. Returns 0 where they are something else. */
function writeEpoch(from: usize, to: usize): usize {
  let seconds: u64 = 0;
  for (let at = from; at < from + epochLength; at++) {
    const digit = byteAt(at) - zero;
    if (digit > 9) {
      return 0;
    }
    seconds = 10 * seconds + digit;
  }
  const hour = <u32>(seconds / 3600);
  const slot = hour & (hourSlots - 1);
  if (load<u32>(hours + 4 * slot) !== hour) {
    store<u32>(hours + 4 * slot, hour);
    beginHour(hourSlots + slot, <f64>hour * hourMs);
  }
  const second = <u32>(seconds - 3600 * <u64>hour);
  const minute = second / 60;
  return writeInHour(hourSlots + slot, minute, second - 60 * minute, zero, zero, zero, to);
}

/** Writes a date and time in UTC. Returns 0 where it is something else. */
function writeIso(from: usize, length: usize, to: usize): usize {
  const isPrecise = byteAt(from + wholeSecondLength) === point;
  const zoneAt = isPrecise ? wholeSecondLength + 4 : wholeSecondLength;
  if (length <= zoneAt || !isUtcAt(from + zoneAt, length - zoneAt)) {
    return 0;
  }
  // The digits of the day and the hour; which bytes they are is looked at next.
  const days = 10 * (byteAt(from + 8) & 15) + (byteAt(from + 9) & 15);
  const ofDay = 10 * (byteAt(from + 11) & 15) + (byteAt(from + 12) & 15);
  const slot = (24 * days + ofDay) & (hourSlots - 1);
  if (!isTextAt(from, slot) && !beginText(from, slot)) {
    return 0;
  }
  const minute1 = byteAt(from + minuteAt) - zero;
  const minute2 = byteAt(from + minuteAt + 1) - zero;
  const second1 = byteAt(from + secondAt) - zero;
  const second2 = byteAt(from + secondAt + 1) - zero;
  const millisecond1 = isPrecise ? byteAt(from + millisecondAt) : zero;
  const millisecond2 = isPrecise ? byteAt(from + millisecondAt + 1) : zero;
  const millisecond3 = isPrecise ? byteAt(from + millisecondAt + 2) : zero;
  if (
    minute1 > 5 ||
    minute2 > 9 ||
    second1 > 5 ||
    second2 > 9 ||
    millisecond1 - zero > 9 ||
    millisecond2 - zero > 9 ||
    millisecond3 - zero > 9 ||
    byteAt(from + secondAt - 1) !== colon
  ) {
    return 0;
  }
  return writeInHour(
    slot,
    10 * minute1 + minute2,
    10 * second1 + second2,
    millisecond1,
    millisecond2,
    millisecond3,
    to,
  );
}

/** Whether the rest of the value says that it is in UTC. */
function isUtcAt(start: usize, length: usize): bool {
  return length === 1
    ? byteAt(start) === letterUpperZ
    : length === 6 &&
        load<u32>(start) === plusZeroHours &&
        load<u32>(start + 2) === zeroHoursZeroMinutes;
}

function isTextAt(from: usize, slot: u32): bool {
  const text = texts + 16 * slot;
  // Fourteen bytes: two words of eight, which overlap.
  return load<u64>(from) === load<u64>(text) && load<u64>(from + 6) === load<u64>(text + 6);
}

/** Puts the hour that a time is in into a slot. Returns false where it is no hour. */
function beginText(from: usize, slot: u32): bool {
  const time = readHour(from);
  if (Number.isNaN(time)) {
    return false;
  }
  memory.copy(texts + 16 * slot, from, minuteAt);
  beginHour(slot, time);
  return true;
}

/** Returns 0 in an hour that has no template. */
function writeInHour(
  slot: u32,
  minute: u32,
  second: u32,
  millisecond1: u32,
  millisecond2: u32,
  millisecond3: u32,
  to: usize,
): usize {
  const ahead = load<i32>(hourMinutes + 4 * slot);
  if (ahead < 0) {
    return 0;
  }
  const length: usize = load<u8>(hourTemplateLengths + slot);
  let template = hourTemplates + templatesPerHour * slot * longestTime;
  if (writesEpoch) {
    const pointAt = template + length - 4;
    writeDigits(<u64>load<f64>(hourStarts + 8 * slot) + 60 * minute + second, template, pointAt);
    writeMilliseconds(pointAt + 1, millisecond1, millisecond2, millisecond3);
    return writeBytes(template, length, to);
  }
  let localMinute = minute + ahead;
  if (localMinute >= 60) {
    localMinute -= 60;
    template += longestTime;
  }
  writeTwoDigits(template + minuteAt, localMinute);
  writeTwoDigits(template + secondAt, second);
  if (writesMilliseconds) {
    writeMilliseconds(template + millisecondAt, millisecond1, millisecond2, millisecond3);
  }
  return writeBytes(template, length, to);
}

function writeTwoDigits(at: usize, number: u32): void {
  const tens = number / 10;
  store<u8>(at, zero + tens);
  store<u8>(at + 1, zero + number - 10 * tens);
}

function writeMilliseconds(at: usize, digit1: u32, digit2: u32, digit3: u32): void {
  store<u8>(at, digit1);
  store<u8>(at + 1, digit2);
  store<u8>(at + 2, digit3);
}

/** Writes the digits of a number that fill the bytes from `start` to `end`. */
function writeDigits(number: u64, start: usize, end: usize): void {
  let rest = number;
  for (let at = end - 1; at >= start; at--) {
    const tens = rest / 10;
    store<u8>(at, zero + <u32>(rest - 10 * tens));
    rest = tens;
  }
}
