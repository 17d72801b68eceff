import { createHash } from "node:crypto";
import { foldAscii } from "../../events-api/fold-case.js";

/**
 * Column of a hash of the recipient, by which a search looks for one: numbers are quicker to look through
 * than addresses by far. Of three bytes, since hardly any other event has the same then.
 */
export const recipientHash = "recipient_hash";

const digits = 6;

/** The hash of an address, as SQL. */
export function hashOfAddress(expression: string): string {
  return `('0x' || left(sha256(${foldedAddress(expression)}), ${digits}))::uinteger`;
}

/** The same number. */
export function addressHash(address: string): number {
  const hash = createHash("sha256").update(foldAscii(address)).digest("hex");
  return Number.parseInt(hash.slice(0, digits), 16);
}

/** An address in lower case as `foldAscii` has it, as SQL. */
export function foldedAddress(expression: string): string {
  // `translate` is slow, and few addresses have other letters than ASCII's.
  return `case when strlen(${expression}) = length(${expression}) then lower(${expression})
    else translate(${expression}, '${capitals}', '${foldAscii(capitals)}') end`;
}

const capitals = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
