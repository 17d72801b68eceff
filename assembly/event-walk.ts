/** Finds the wanted values of an event. */

import { closeBrace } from "./ascii";
import { afterColon, byteAt, itemEnd, spaceEnd, stringEnd, valueEnd } from "./json-scanner";
import { find, firstProperty, keyLength, otherProperty, predict } from "./property-table";
import { forgetValues, setValue } from "./values";

/**
 * Walks from the opening brace of an event to its end, and notes where the wanted properties are.
 *
 * @returns the address after it, or 0 where it is no whole object
 */
export function walkEvent(start: usize): usize {
  forgetValues();
  const other = otherProperty();
  let at = spaceEnd(start + 1);
  if (byteAt(at) === closeBrace) {
    return at + 1;
  }
  let property = firstProperty();
  while (true) {
    const previous = property;
    property = predict(at, previous);
    let valueStart: usize;
    if (property !== other) {
      valueStart = spaceEnd(at + keyLength(property));
    } else {
      const keyEnd = stringEnd(at);
      valueStart = keyEnd === 0 ? keyEnd : afterColon(keyEnd);
      if (valueStart === 0) {
        return 0;
      }
      property = find(at, keyEnd, previous);
    }
    const end = valueEnd(valueStart);
    if (end === 0) {
      return 0;
    }
    if (property < other) {
      setValue(property, valueStart, end);
    }
    at = itemEnd(end, closeBrace);
    if (at === 0) {
      return 0;
    }
    if (byteAt(at) === closeBrace) {
      return at + 1;
    }
    at = spaceEnd(at + 1);
  }
}
