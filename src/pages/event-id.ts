const seed = 0x9e3779b97f4a7c15n;
const factor = 0xff51afd7ed558ccdn;
const otherFactor = 0xc4ceb9fe1a85ec53n;

/** Bytes that are hashed at a time. */
const blockSize = 16;

/**
 * A hash that stands for an `event_id`: a whole number, never 0, that a double can hold.
 *
 * The same as in `assembly/event-id.ts`, which takes most ids.
 *
 * @returns 0 where there is no text
 */
export function hashEventId(text: string): number {
  const bytes = Buffer.from(text);
  if (bytes.length === 0) {
    return 0;
  }
  const blocks = Buffer.alloc(Math.ceil(bytes.length / blockSize) * blockSize);
  blocks.set(bytes);
  let hash = seed ^ BigInt(bytes.length);
  for (let at = 0; at < blocks.length; at += blockSize) {
    const low = multiply(blocks.readBigUInt64LE(at), otherFactor);
    const high = multiply(blocks.readBigUInt64LE(at + 8), factor);
    const swapped = BigInt.asUintN(64, high << 32n) | (high >> 32n);
    const product = multiply(hash ^ low ^ swapped, factor);
    hash = product ^ (product >> 32n);
  }
  return Number(hash >> 12n) + 1;
}

function multiply(a: bigint, b: bigint): bigint {
  return BigInt.asUintN(64, a * b);
}
