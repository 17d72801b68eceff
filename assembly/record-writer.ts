/** Writes an event as a record of CSV. */

import { carriageReturn, letterN, lineFeed } from "./ascii";
import { writeEvent } from "./event-field";
import { writeField } from "./field-writer";
import { byteAt } from "./json-scanner";
import { mostColumns } from "./limits";
import { writeByte } from "./output";
import { findPaths } from "./path-finder";
import { columnCount, delimiter, endsInCrLf, fieldQuote } from "./settings";
import { writeTime } from "./time-writer";
import { endOf, startOf } from "./values";

/** Stands for the event itself, where a column's value is asked for. */
export const wholeEvent: i32 = -1;

/** Which value each column shows, and whether it is a time to be formatted. */
export const columnValues: usize = memory.data(mostColumns * 4, 4);
export const columnTimes: usize = memory.data(mostColumns);

/** Writes the record of the current event, which stands here. There has to be room for it. */
export function writeRecord(eventStart: usize, eventEnd: usize, recordStart: usize): usize {
  findPaths();
  let to = recordStart;
  for (let column = 0; column < columnCount; column++) {
    if (column > 0) {
      to = writeByte(delimiter, to);
    }
    const value = load<i32>(columnValues + 4 * column);
    if (value === wholeEvent) {
      to = writeEvent(eventStart, eventEnd, to);
      continue;
    }
    const start = startOf(value);
    if (start !== 0 && byteAt(start) !== letterN) {
      const end = endOf(value);
      const time = load<u8>(columnTimes + column) === 0 ? <usize>0 : writeTime(start, end, to);
      to = time === 0 ? writeField(start, end, to) : time;
    }
  }
  if (columnCount === 1 && to === recordStart) {
    // An empty line would be no record for many readers.
    to = writeByte(fieldQuote, writeByte(fieldQuote, to));
  }
  return writeByte(lineFeed, endsInCrLf ? writeByte(carriageReturn, to) : to);
}
