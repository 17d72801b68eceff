/**
 * Copies the wanted values from the bytes of an answer to those of CSV, or each event as a line, in one
 * walk, without parsing.
 *
 * The answer arrives in pieces: the host puts them one behind the other, with zero bytes at the end,
 * and has each complete event taken before more follows. An answer that is out of the ordinary or not
 * valid is refused, and left to the reference converter.
 */

import { closeBrace, closeBracket, comma, lineFeed, openBrace, openBracket, quote } from "./ascii";
import { openStops } from "./copy-until";
import { openEventFields } from "./event-field";
import { hashEventId, openEventIds } from "./event-id";
import { writeOnOneLine } from "./event-text";
import { walkEvent } from "./event-walk";
import { answerMember, takeAnswerMember } from "./host";
import {
  afterColon,
  byteAt,
  fail,
  failure,
  itemEnd,
  spaceEnd,
  stringEnd,
  valueEnd,
} from "./json-scanner";
import { mostRows } from "./limits";
import { writeByte } from "./output";
import { openProperties } from "./property-table";
import { writeRecord } from "./record-writer";
import {
  extraBytes,
  idProperty,
  mostCopies,
  timestampProperty,
  typeProperty,
  writesEvents,
} from "./settings";
import { readTime } from "./time-reader";
import { openSplats } from "./splats";
import { openTimes } from "./time-writer";
import { typeAt } from "./type-table";
import { endOf, startOf } from "./values";

export {
  hourLength,
  keyRoom,
  longestTime,
  mostColumns,
  mostValues,
  overreach,
  pathKeysRoom,
  templatesPerHour,
} from "./limits";
export { addPathMember } from "./path-finder";
export { addKey } from "./property-table";
export { columnTimes, columnValues, wholeEvent } from "./record-writer";
export {
  columnCount,
  delimiter,
  endsInCrLf,
  escapesFormulas,
  extraBytes,
  fieldQuote,
  idProperty,
  mostCopies,
  propertyCount,
  quotesText,
  timestampProperty,
  typeProperty,
  valueCount,
  writesEpoch,
  writesEvents,
  writesMilliseconds,
} from "./settings";
export { hourText, hourTime } from "./time-reader";
export { hourMinutes, hourStarts, hourTemplateLengths, hourTemplates } from "./time-writer";
export { forgetTypes } from "./type-table";

/** Why `advance` returns. */
export const needsMore: i32 = 0;
export const needsRoom: i32 = 1;
export const refuses: i32 = 2;

/** Its three bytes, as a 32-bit load reads them. */
const byteOrderMark: u32 = 0xbfbbef;

/** What comes next in the answer. */
const atStart: i32 = 0;
const atFirstMember: i32 = 1;
const afterMember: i32 = 2;
const atFirstEvent: i32 = 3;
const afterEvent: i32 = 4;
const atEnd: i32 = 5;
let state: i32 = atStart;

/** What the host knows the members of an answer by; another one is 0. */
export const resultsMember: i32 = 1;
export const totalCountMember: i32 = 2;
export const linksMember: i32 = 3;
let hasResults: bool = false;

/** What has not been taken yet. */
let position: usize = 0;
let inputEnd: usize = 0;
/** Where the output is: its start, its end so far, and that of its room. */
let outStart: usize = 0;
let out: usize = 0;
let outEnd: usize = 0;

/**
 * Of each record: its time (epoch milliseconds or NaN), what its `event_id` is known by, the size of
 * the output up to its end, and the number of its type.
 */
export const rowTimes: usize = memory.data(mostRows * 8, 8);
export const rowIds: usize = memory.data(mostRows * 8, 8);
export const rowEnds: usize = memory.data(mostRows * 4, 4);
export const rowTypes: usize = memory.data(mostRows * 4, 4);
let rows: i32 = 0;

/** Address of the memory that is free. */
export function heapStart(): usize {
  return __heap_base;
}

/** Begins with what the settings say. */
export function open(): void {
  openProperties();
  openStops();
  openTimes();
  openEventIds();
  openEventFields();
  openSplats();
}

/** Begins with another answer. */
export function begin(inputStart: usize, outputStart: usize, outputEnd: usize): void {
  state = atStart;
  hasResults = false;
  position = inputStart;
  inputEnd = inputStart;
  outStart = outputStart;
  outEnd = outputEnd;
  out = outputStart;
  rows = 0;
}

export function takenUntil(): usize {
  return position;
}

/** Address after the last byte that was written. */
export function writtenUntil(): usize {
  return out;
}

export function rowCount(): i32 {
  return rows;
}

export function isComplete(): bool {
  return state === atEnd && spaceEnd(position) === inputEnd;
}

/** After what has not been taken yet was moved to another address. */
export function moveInput(start: usize, end: usize): void {
  position = start;
  inputEnd = end;
}

/** After the output was moved, or has room until another address. */
export function moveOutput(start: usize, end: usize): void {
  out = start + (out - outStart);
  outStart = start;
  outEnd = end;
}

/** Takes as much of the answer as is complete. */
export function advance(): i32 {
  while (true) {
    const at = spaceEnd(position);
    if (at === inputEnd) {
      return needsMore;
    }
    let end: usize;
    switch (state) {
      case atStart:
        end = answerStart(at);
        break;
      case atFirstMember:
        if (byteAt(at) === closeBrace) {
          // An answer without results.
          return refuses;
        }
        end = takeMember(at);
        break;
      case afterMember:
        end = afterMemberEnd(at);
        break;
      case atFirstEvent:
        if (byteAt(at) === closeBracket) {
          end = at + 1;
          state = afterMember;
        } else {
          end = takeEvent(at);
        }
        break;
      case afterEvent:
        end = afterEventEnd(at);
        break;
      default:
        end = fail(at);
    }
    if (end === 0) {
      if (failure() === roomWanted) {
        return needsRoom;
      }
      return failure() >= inputEnd ? needsMore : refuses;
    }
    position = end;
  }
}

/** A byte order mark may stand before anything else. */
function answerStart(at: usize): usize {
  const start = at === position && (load<u32>(at) & 0xffffff) === byteOrderMark ? at + 3 : at;
  const brace = spaceEnd(start);
  if (byteAt(brace) !== openBrace) {
    return fail(brace);
  }
  state = atFirstMember;
  return brace + 1;
}

function afterMemberEnd(at: usize): usize {
  const byte = byteAt(at);
  if (byte === closeBrace) {
    if (!hasResults) {
      return fail(at);
    }
    state = atEnd;
    return at + 1;
  }
  return byte === comma ? takeMember(spaceEnd(at + 1)) : fail(at);
}

function afterEventEnd(at: usize): usize {
  const byte = byteAt(at);
  if (byte === closeBracket) {
    state = afterMember;
    return at + 1;
  }
  return byte === comma ? takeEvent(spaceEnd(at + 1)) : fail(at);
}

/** Takes a member of the answer; of the results, no more than the bracket in front. */
function takeMember(start: usize): usize {
  const keyEnd = stringEnd(start);
  const valueStart = keyEnd === 0 ? keyEnd : afterColon(keyEnd);
  if (valueStart === 0) {
    return 0;
  }
  const member = answerMember(start, keyEnd);
  if (member === resultsMember) {
    if (byteAt(valueStart) !== openBracket || hasResults) {
      return fail(valueStart);
    }
    hasResults = true;
    state = atFirstEvent;
    return valueStart + 1;
  }
  const end = valueEnd(valueStart);
  // More of a number may follow.
  if (end === 0 || itemEnd(end, closeBrace) === 0) {
    return 0;
  }
  takeAnswerMember(member, valueStart, end);
  state = afterMember;
  return end;
}

/** No address of a text; stands for the lack of room for output. */
const roomWanted: usize = 1;

function takeEvent(start: usize): usize {
  if (byteAt(start) !== openBrace || rows === mostRows) {
    return fail(start);
  }
  const end = walkEvent(start);
  if (end === 0) {
    return 0;
  }
  if (out + 2 * mostCopies * (end - start) + extraBytes > outEnd) {
    return fail(roomWanted);
  }
  const time = isString(timestampProperty)
    ? readTime(startOf(timestampProperty), endOf(timestampProperty))
    : NaN;
  const idStart = startOf(idProperty);
  const id = idStart === 0 ? 0 : hashEventId(idStart, endOf(idProperty));
  out = writesEvents
    ? writeByte(lineFeed, writeOnOneLine(start, end, out))
    : writeRecord(start, end, out);
  store<f64>(rowTimes + 8 * rows, time);
  store<f64>(rowIds + 8 * rows, id);
  store<u32>(rowEnds + 4 * rows, out - outStart);
  store<i32>(
    rowTypes + 4 * rows,
    isString(typeProperty) ? typeAt(startOf(typeProperty), endOf(typeProperty)) : 0,
  );
  rows++;
  state = afterEvent;
  return end;
}

@inline
function isString(property: i32): bool {
  const start = startOf(property);
  return start !== 0 && byteAt(start) === quote;
}
