/** Tells which event type a JSON string is, by the spelling that was last seen with its hash. */

import { hashBytes, isSame } from "./hash-bytes";
import { numberOfType } from "./host";

const slots: usize = 256;
const textRoom: usize = 64;
const texts: usize = memory.data(<i32>(slots * textRoom));
const lengths: usize = memory.data(<i32>slots * 4, 4);
const numbers: usize = memory.data(<i32>slots * 4, 4);

export function forgetTypes(): void {
  memory.fill(lengths, 0, 4 * slots);
}

/** The number of the type whose string this is, from 1. */
export function typeAt(start: usize, end: usize): i32 {
  const length = end - start;
  const slot = <usize>hashBytes(start, end) & (slots - 1);
  const text = texts + textRoom * slot;
  if (load<usize>(lengths + 4 * slot) === length && isSame(text, start, length)) {
    return load<i32>(numbers + 4 * slot);
  }
  const number = numberOfType(start, end);
  if (length <= textRoom) {
    memory.copy(text, start, length);
    store<u32>(lengths + 4 * slot, length);
    store<i32>(numbers + 4 * slot, number);
  }
  return number;
}
