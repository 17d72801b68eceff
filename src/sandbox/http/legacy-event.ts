import { DateTime } from "luxon";
import { NumberLiteral } from "../json-text.js";

const timeProperties = ["timestamp", "injection_time"];

/** The event as the legacy API shows it: times in the zone asked for, no arrays in the metadata. */
export function toLegacyEvent(
  event: Record<string, unknown>,
  timezone: string,
): Record<string, unknown> {
  const legacy = { ...event };
  for (const name of timeProperties) {
    if (typeof legacy[name] === "string") legacy[name] = toZone(legacy[name], timezone);
  }
  if ("rcpt_meta" in legacy) legacy.rcpt_meta = withoutArrays(legacy.rcpt_meta);
  return legacy;
}

function toZone(time: string, timezone: string): string {
  const text = DateTime.fromISO(time, { zone: timezone }).toISO();
  return text!.replace(/Z$/, "+00:00");
}

/** Turns each array into an object with the keys "0", "1" and so on. */
function withoutArrays(value: unknown): unknown {
  if (typeof value !== "object" || value === null || value instanceof NumberLiteral) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, member]) => [key, withoutArrays(member)]),
  );
}
