import { mix } from "../mix.js";
import { draw } from "./draw.js";

/** Odd, so that multiplying by it permutes the 32-bit integers: ids look random, yet never collide. */
const scrambler = 0x9e3779b1;

/** More events than one message can have. */
const eventsPerMessage = 64;

function hex(value: number): string {
  return value.toString(16).padStart(8, "0");
}

function scramble(value: number): number {
  return Math.imul(value, scrambler) >>> 0;
}

/** A number past 2^53 in a string: four digits of the seed's own, and `serial`. */
function largeNumber(seed: number, serial: number): string {
  return `${1000 + (mix(seed, 4) % 9000)}${String(serial).padStart(13, "0")}`;
}

/** Unique among the events of one seed, for the `ordinal`-th event of a message. */
export function numericEventId(seed: number, message: number, ordinal: number): string {
  return largeNumber(seed, message * eventsPerMessage + ordinal);
}

/** As `numericEventId`, in the form of a version 4 UUID. */
export function uuidEventId(seed: number, message: number, ordinal: number): string {
  const random = hex(draw(mix(seed, message), "eventId"));
  const tail = hex(mix(seed, message)) + ordinal.toString(16).padStart(4, "0");
  return `${hex(scramble(message))}-${random.slice(0, 4)}-4${random.slice(4, 7)}-a${random.slice(5)}-${tail}`;
}

/** 20 hexadecimal digits, unique among the messages of one seed. */
export function messageId(messageKey: number, message: number): string {
  return `0004${hex(draw(messageKey, "messageId"))}${hex(scramble(message))}`;
}

/** The id of a blast's transmission, or of that of a message sent on its own. */
export function transmissionId(seed: number, blast: number | undefined, message: number): string {
  return largeNumber(mix(seed, 1), blast ?? 1000 + message);
}

/** 40 hexadecimal digits, as a SHA-1 has. */
export function pseudoDigest(key: number): string {
  const digest = Buffer.alloc(20);
  for (let word = 0; word < 5; word++) digest.writeUInt32BE(mix(key, word), 4 * word);
  return digest.toString("hex");
}
