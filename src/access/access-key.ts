import { createHash, randomBytes, timingSafeEqual } from "node:crypto";

/** 160 bits, in hexadecimal digits: as long as a key of SparkPost. */
const keyBytes = 20;

export function makeKey(): string {
  return randomBytes(keyBytes).toString("hex");
}

/**
 * What is kept of a key. A fast hash is right here: a key is made of 160 random bits, so unlike a
 * password it cannot be found by trying, however fast that is.
 */
export function digestOf(key: string): Buffer {
  return createHash("sha256").update(key).digest();
}

/** Compares in a time that tells nothing of where two digests differ. */
export function isSameDigest(a: Buffer, b: Buffer): boolean {
  return timingSafeEqual(a, b);
}
