/**
 * Bytes that are there sixteen times, to be compared with as many at once. They are in memory: where a
 * loop needs many of them, loading is quicker than what the engine makes of constants.
 */

const splats: usize = memory.data(256 * 16, 16);

export function openSplats(): void {
  for (let byte: usize = 0; byte < 256; byte++) {
    memory.fill(splats + 16 * byte, <u8>byte, 16);
  }
}

/** A byte below 256, sixteen times. */
@inline
export function splat(byte: u32): v128 {
  return v128.load(splats + 16 * <usize>byte);
}
