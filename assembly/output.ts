/**
 * Writes to an address, and returns the one after it. Nothing is checked: there is room for the record
 * as a whole.
 */

@inline
export function writeByte(byte: u32, to: usize): usize {
  store<u8>(to, byte);
  return to + 1;
}

/** Copies bytes, sixteen at a time: up to fifteen more are read, and overwritten later. */
@inline
export function writeBytes(start: usize, length: usize, to: usize): usize {
  for (let done: usize = 0; done < length; done += 16) {
    v128.store(to + done, v128.load(start + done));
  }
  return to + length;
}
