import { stat } from "node:fs/promises";
import { type AccessEntry, readAccessFile } from "./access-file.js";
import { digestOf, isSameDigest } from "./access-key.js";

interface RingEntry {
  readonly entry: AccessEntry;
  readonly digest: Buffer;
}

/** The keys of an access file, as the file has them at each moment. */
export class KeyRing {
  readonly #path: string;
  #entries: readonly RingEntry[] = [];
  /** What the file looked like when it was read. */
  #look = "";

  private constructor(path: string) {
    this.#path = path;
  }

  /** @throws UsageError where the file is not there, is none, or is open to others */
  static async open(path: string): Promise<KeyRing> {
    const ring = new KeyRing(path);
    await readAccessFile(path);
    await ring.#refresh();
    return ring;
  }

  /**
   * What is known of a key; undefined where it is none of these. No key is known while the file cannot
   * be read.
   *
   * @throws UsageError as `open` does
   */
  async find(key: string): Promise<AccessEntry | undefined> {
    await this.#refresh();
    const digest = digestOf(key);
    // All of them are compared, whichever it is.
    return this.#entries.filter((known) => isSameDigest(known.digest, digest))[0]?.entry;
  }

  /** Number of keys. */
  get size(): number {
    return this.#entries.length;
  }

  async #refresh(): Promise<void> {
    const look = await lookOf(this.#path);
    if (look === this.#look && look !== "") {
      return;
    }
    const entries = await readAccessFile(this.#path);
    this.#entries = entries.map((entry) => ({ entry, digest: Buffer.from(entry.sha256, "hex") }));
    // Of the time before it was read: what changed meanwhile is read again.
    this.#look = look;
  }
}

/** Changes with whatever is done to the file; empty where it is not there. */
async function lookOf(path: string): Promise<string> {
  try {
    const { ino, size, mode, mtimeNs, ctimeNs } = await stat(path, { bigint: true });
    return [ino, size, mode, mtimeNs, ctimeNs].join(" ");
  } catch {
    return "";
  }
}
