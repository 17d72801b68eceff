import { type CipherGCM, createCipheriv } from "node:crypto";
import { createReadStream } from "node:fs";

const noSecret = Buffer.alloc(16);
const noNonce = Buffer.alloc(12);

/**
 * Tells whether bytes are those that were written, or what a disk, a power loss or a person has made
 * of them.
 *
 * GMAC (NIST SP 800-38D) under a key that everybody knows: processors have instructions for it, so it
 * takes a quarter of the time of Node's CRC-32. It is no protection against forgery.
 */
export class Checksum {
  readonly #cipher: CipherGCM = createCipheriv("aes-128-gcm", noSecret, noNonce);

  update(bytes: Uint8Array): this {
    this.#cipher.setAAD(bytes);
    return this;
  }

  /** 32 hexadecimal digits; nothing can be added after that. */
  digest(): string {
    this.#cipher.final();
    return this.#cipher.getAuthTag().toString("hex");
  }
}

export function checksumOf(bytes: Uint8Array): string {
  return new Checksum().update(bytes).digest();
}

export async function checksumOfFile(path: string): Promise<string> {
  const checksum = new Checksum();
  for await (const chunk of createReadStream(path, { highWaterMark: 1 << 20 })) {
    checksum.update(chunk);
  }
  return checksum.digest();
}
