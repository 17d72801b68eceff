/** FNV-1a, with the bits that depend on all bytes mixed into the low ones. */
export function hashBytes(bytes: Uint8Array, start: number, end: number): number {
  let hash = 0x811c9dc5 | 0;
  for (let index = start; index < end; index++) {
    hash = Math.imul(hash ^ bytes[index]!, 0x01000193);
  }
  return hash ^ (hash >>> 15);
}
