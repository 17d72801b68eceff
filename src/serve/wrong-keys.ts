import { isIP } from "node:net";
import { unitLength } from "../time/units.js";

/** Addresses that are remembered; beyond, those are forgotten that sent a wrong key longest ago. */
const mostAddresses = 10_000;

/**
 * Counts wrong keys by the address that they come from. Keys cannot be guessed; this keeps one that
 * tries from being a burden. A right key is never refused: who tries may be behind the same address.
 */
export class WrongKeys {
  readonly #perMinute: number;
  readonly #now: () => number;
  /** Wrong keys that an address has left, and when that was so. */
  readonly #left = new Map<string, { readonly count: number; readonly at: number }>();

  /** @param perMinute wrong keys that an address has at once, and again in each minute */
  constructor(perMinute: number, now: () => number) {
    this.#perMinute = perMinute;
    this.#now = now;
  }

  /**
   * Counts one.
   *
   * @returns seconds to wait, where it was one too many; 0 where it was not
   */
  count(address: string): number {
    const network = networkOf(address);
    const left = this.#leftOf(network);
    this.#left.delete(network);
    this.#left.set(network, { count: Math.max(0, left - 1), at: this.#now() });
    for (const [oldest] of this.#left) {
      if (this.#left.size <= mostAddresses) {
        break;
      }
      this.#left.delete(oldest);
    }
    return left >= 1 ? 0 : Math.ceil(((1 - left) / this.#perMinute) * 60);
  }

  get size(): number {
    return this.#left.size;
  }

  #leftOf(network: string): number {
    const known = this.#left.get(network);
    if (!known) {
      return this.#perMinute;
    }
    const minutes = Math.max(0, this.#now() - known.at) / unitLength.minute;
    return Math.min(this.#perMinute, known.count + minutes * this.#perMinute);
  }
}

/** Whoever has one IPv6 address has 2^64 of them. */
function networkOf(address: string): string {
  if (isIP(address) !== 6 || address.startsWith("::ffff:")) {
    return address;
  }
  const [head = "", tail = ""] = address.split("::");
  const groups = head.split(":").filter(Boolean);
  const last = tail.split(":").filter(Boolean);
  const missing = address.includes("::") ? 8 - groups.length - last.length : 0;
  return [...groups, ...Array<string>(missing).fill("0"), ...last].slice(0, 4).join(":");
}
