import type { TimestampFormat } from "./csv-layout.js";

/** The event properties that hold a time. */
export const timeProperties: ReadonlySet<string> = new Set([
  "timestamp",
  "injection_time",
  "scheduled_time",
]);

/**
 * Writes an instant.
 *
 * @param instant epoch milliseconds
 * @param offset seconds that the zone is ahead of UTC at that instant; undefined for UTC itself
 */
export function formatInstant(
  instant: number,
  format: Exclude<TimestampFormat, "raw">,
  offset: number | undefined,
): string {
  if (format === "epoch") {
    return (instant / 1000).toFixed(3);
  }
  const local = new Date(instant + (offset ?? 0) * 1000).toISOString();
  return format === "spreadsheet"
    ? local.slice(0, "2026-11-19T23:59:56".length).replace("T", " ")
    : local.slice(0, -1) + formatOffset(offset);
}

function formatOffset(offset: number | undefined): string {
  if (offset === undefined) {
    return "Z";
  }
  const distance = Math.abs(offset);
  const units = [Math.floor(distance / 3600), Math.floor(distance / 60) % 60];
  if (distance % 60 !== 0) {
    // Liberia was 44 minutes and 30 seconds behind until 1972, the last of its kind.
    units.push(distance % 60);
  }
  const digits = units.map((unit) => String(unit).padStart(2, "0")).join(":");
  return `${offset < 0 ? "-" : "+"}${digits}`;
}
