/** Where the current event's wanted values are: its properties first, then what is within them. */

import { mostValues } from "./limits";
import { valueCount } from "./settings";

const starts: usize = memory.data(mostValues * 4, 4);
const ends: usize = memory.data(mostValues * 4, 4);

export function forgetValues(): void {
  memory.fill(starts, 0, 4 * <usize>valueCount);
}

/** Address of the value's first byte, or 0 where there is none. */
@inline
export function startOf(value: i32): usize {
  return load<u32>(starts + 4 * value);
}

/** Address after the value's last byte. */
@inline
export function endOf(value: i32): usize {
  return load<u32>(ends + 4 * value);
}

@inline
export function setValue(value: i32, start: usize, end: usize): void {
  store<u32>(starts + 4 * value, start);
  store<u32>(ends + 4 * value, end);
}
