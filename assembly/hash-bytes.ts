/** FNV-1a, with the bits that depend on all bytes mixed into the low ones. */
export function hashBytes(start: usize, end: usize): u32 {
  let hash: u32 = 0x811c9dc5;
  for (let at = start; at < end; at++) {
    hash = (hash ^ load<u8>(at)) * 0x01000193;
  }
  return hash ^ (hash >>> 15);
}

export function isSame(one: usize, other: usize, length: usize): bool {
  return memory.compare(one, other, length) === 0;
}
