import { NumberLiteral } from "../json-text.js";
import { between, draw, happens, pick } from "./draw.js";
import type { Recipient } from "./recipients.js";

const segments = ["gold", "silver", "new customer", "at-risk", "", "B2B, wholesale"] as const;

const notes = [
  "Line one\nline two",
  "Dear customer,\r\n\r\nthank you.\r\n",
  "old Mac\rline break",
  'She said "hi", then left',
  "🎂 on 29 February — naïve café",
  "=1+2",
  "tab\tand \\ backslash and \u0000 and \u001f",
  "",
] as const;

const amounts = ["39.10", "1.0", "1e5", "1E+2", "-0.0", "0.1", "1234567.890", "12"] as const;

/** What the sender knows about the recipient: mostly small, sometimes deep and confusing. */
export function makeRecipientMeta(recipient: Recipient, messageKey: number): unknown {
  const meta = {
    customer_number: recipient.number,
    name: recipient.name,
    segment: pick(recipient.key, "segment", segments),
    order_id: sixtyBitInteger(messageKey),
  };
  if (happens(messageKey, "plainMeta", 0.75)) return meta;
  if (happens(messageKey, "emptyMeta", 0.1)) return {};
  const note = pick(messageKey, "note", notes);
  const amount = new NumberLiteral(pick(messageKey, "amount", amounts));
  if (happens(messageKey, "flatMeta", 0.65)) {
    return { ...meta, note, amount, vip: happens(recipient.key, "vip", 0.2), referrer: null };
  }
  return {
    ...meta,
    // Keys of the event and of the answer around it, at depths where they mean something else.
    type: "injection",
    event_id: sixtyBitInteger(recipient.key),
    results: [{ type: "click", timestamp: "yesterday" }, [], {}, [note, [amount, null, true]]],
    total_count: 0,
    links: { next: "/api/v1/events/message?cursor=not-this-one", "": { "a.b": { c: [[]] } } },
  };
}

/** An integer that a double cannot hold. */
function sixtyBitInteger(key: number): NumberLiteral {
  const low = (BigInt(draw(key, "highBits")) << 28n) | BigInt(draw(key, "lowBits") >>> 4);
  return new NumberLiteral(String((1n << 59n) | low | 1n));
}

/** Values filled into the template. */
export function makeSubstitutions(recipient: Recipient): unknown {
  return {
    first_name: recipient.firstName,
    address: { city: "", zip: null },
    points: between(recipient.key, "points", 0, 5000),
  };
}
