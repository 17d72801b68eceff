/** Finds the values that paths lead to within the properties of an event. */

import { closeBrace, closeBracket, openBrace, openBracket } from "./ascii";
import { isSame } from "./hash-bytes";
import { memberOfKey } from "./host";
import { afterColon, byteAt, itemEnd, spaceEnd, stringEnd, valueEnd } from "./json-scanner";
import { mostValues, pathKeysRoom } from "./limits";
import { hasEscape } from "./property-table";
import { propertyCount } from "./settings";
import { setValue, startOf } from "./values";

// A tree of values: those within a value are a list.
const firstMembers: usize = memory.data(mostValues * 4, 4);
const nextMembers: usize = memory.data(mostValues * 4, 4);
/** Keys with their quotes, as JSON without needless escapes, one after the other. */
const keys: usize = memory.data(pathKeysRoom);
const keyStarts: usize = memory.data(mostValues * 4, 4);
const keyLengths: usize = memory.data(mostValues * 4, 4);
/** Where the name stands for an item of an array; else -1. */
const indices: usize = memory.data(mostValues * 4, 4);
let usedKeys: usize = 0;

let hasPaths: bool = false;

/** Adds a value within another one; the key with its quotes. There has to be room for it. */
export function addPathMember(value: i32, within: i32, start: usize, end: usize, index: i32): void {
  hasPaths = true;
  store<i32>(nextMembers + 4 * value, load<i32>(firstMembers + 4 * within));
  store<i32>(firstMembers + 4 * within, value);
  store<u32>(keyStarts + 4 * value, keys + usedKeys);
  store<u32>(keyLengths + 4 * value, end - start);
  store<i32>(indices + 4 * value, index);
  memory.copy(keys + usedKeys, start, end - start);
  usedKeys += end - start;
}

/** Finds all values within properties, once those of an event's properties are known. */
export function findPaths(): void {
  if (hasPaths) {
    for (let property = 0; property < propertyCount; property++) {
      findWithin(property);
    }
  }
}

/** The value is known to be valid JSON. */
function findWithin(value: i32): void {
  const start = startOf(value);
  const first = load<i32>(firstMembers + 4 * value);
  if (start === 0 || first === 0) {
    return;
  }
  const byte = byteAt(start);
  if (byte === openBrace) {
    findMembers(start, value);
  } else if (byte === openBracket) {
    findItems(start, first);
  } else {
    return;
  }
  // Only now, since the last member of a name counts.
  for (let member = first; member !== 0; member = load<i32>(nextMembers + 4 * member)) {
    findWithin(member);
  }
}

function findMembers(start: usize, within: i32): void {
  let at = spaceEnd(start + 1);
  if (byteAt(at) === closeBrace) {
    return;
  }
  while (true) {
    const keyEnd = stringEnd(at);
    const valueStart = afterColon(keyEnd);
    const end = valueEnd(valueStart);
    const member = memberWithKey(within, at, keyEnd);
    if (member !== 0) {
      setValue(member, valueStart, end);
    }
    at = itemEnd(end, closeBrace);
    if (byteAt(at) === closeBrace) {
      return;
    }
    at = spaceEnd(at + 1);
  }
}

function findItems(start: usize, first: i32): void {
  let at = spaceEnd(start + 1);
  if (byteAt(at) === closeBracket) {
    return;
  }
  for (let item = 0; ; item++) {
    const end = valueEnd(at);
    for (let member = first; member !== 0; member = load<i32>(nextMembers + 4 * member)) {
      if (load<i32>(indices + 4 * member) === item) {
        setValue(member, at, end);
      }
    }
    at = itemEnd(end, closeBracket);
    if (byteAt(at) === closeBracket) {
      return;
    }
    at = spaceEnd(at + 1);
  }
}

function memberWithKey(within: i32, start: usize, end: usize): i32 {
  const length = end - start;
  let member = load<i32>(firstMembers + 4 * within);
  for (; member !== 0; member = load<i32>(nextMembers + 4 * member)) {
    if (
      load<usize>(keyLengths + 4 * member) === length &&
      isSame(load<usize>(keyStarts + 4 * member), start, length)
    ) {
      return member;
    }
  }
  return hasEscape(start, end) ? memberOfKey(within, start, end) : 0;
}
