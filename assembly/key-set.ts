/**
 * The keys of the objects in one JSON value, to notice a key that comes twice.
 *
 * Has a fixed size: where it runs short of room, a new key counts as one that came before.
 */

import { hashBytes, isSame } from "./hash-bytes";

const capacity: u32 = 1024;
const mostProbes: i32 = 16;

/** Open addressing. An entry: the value and object it belongs to, and where the key is. */
const entries: usize = memory.data(1024 * 16, 4);
/** Of the entries that count. */
let value: u32 = 0;

/** Begins with another JSON value. */
export function clearKeys(): void {
  // An entry from 2^32 values ago does no harm.
  value++;
}

/**
 * Adds a key of one of the value's objects.
 *
 * @returns false if the object may have that key already
 */
export function addObjectKey(object: u32, start: usize, end: usize): bool {
  let slot = (hashBytes(start, end) + object * 0x9e3779b1) & (capacity - 1);
  for (let probe = 0; probe < mostProbes; probe++) {
    const entry = entries + 16 * slot;
    if (load<u32>(entry) !== value) {
      store<u32>(entry, value);
      store<u32>(entry, object, 4);
      store<u32>(entry, start, 8);
      store<u32>(entry, end, 12);
      return true;
    }
    const other = load<usize>(entry, 8);
    if (
      load<u32>(entry, 4) === object &&
      load<usize>(entry, 12) - other === end - start &&
      isSame(other, start, end - start)
    ) {
      return false;
    }
    slot = (slot + 1) & (capacity - 1);
  }
  return false;
}
