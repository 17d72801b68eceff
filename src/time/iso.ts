import type { Zone } from "luxon";
import { instantsAt, toLocal } from "./local-time.js";

/** An instant (epoch milliseconds) in UTC to the second: `2026-11-19T00:00:00Z`. */
export function toUtcSeconds(instant: number): string {
  return `${digits(instant, "2026-11-19T00:00:00".length)}Z`;
}

/** The local second in `zone` that an instant (epoch milliseconds) is in: `2026-11-19T00:00:00`. */
export function toLocalSecond(instant: number, zone: Zone): string {
  return digits(toLocal(instant, zone), "2026-11-19T00:00:00".length);
}

/** The local minute in `zone` that an instant (epoch milliseconds) is in: `2026-11-19T00:00`. */
export function toLocalMinute(instant: number, zone: Zone): string {
  return digits(toLocal(instant, zone), "2026-11-19T00:00".length);
}

/** The local day in `zone` that an instant (epoch milliseconds) is in: `2026-11-19`. */
export function toLocalDay(instant: number, zone: Zone): string {
  return digits(toLocal(instant, zone), "2026-11-19".length);
}

/** A range of instants for people: `2026-11-19T00:00:00 to 2026-11-20T00:00:00 in Europe/Berlin`. */
export function describeSpan({ from, to }: { from: number; to: number }, zone: Zone): string {
  return `${toLocalSecond(from, zone)} to ${toLocalSecond(to, zone)} in ${zone.name}`;
}

/**
 * Whether the local time of an instant (epoch milliseconds) occurs twice, because clocks go back: as
 * `toLocalMinute` writes it, nobody can tell which of the two is meant.
 */
export function isAmbiguousLocal(instant: number, zone: Zone): boolean {
  return instantsAt(toLocal(instant, zone), zone).length > 1;
}

function digits(milliseconds: number, length: number): string {
  return new Date(milliseconds).toISOString().slice(0, length);
}
