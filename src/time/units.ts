/** The units that times and durations are written in. */
export type Unit = "day" | "hour" | "minute" | "second";

/** Milliseconds in each unit, on a clock that nobody puts forward or back. */
export const unitLength: Readonly<Record<Unit, number>> = {
  day: 86_400_000,
  hour: 3_600_000,
  minute: 60_000,
  second: 1000,
};

/** The last whole unit that begins at or before `milliseconds`. */
export function floorToUnit(milliseconds: number, unit: Unit): number {
  return Math.floor(milliseconds / unitLength[unit]) * unitLength[unit];
}
