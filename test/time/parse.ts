import { expect } from "vitest";
import { toUtcSeconds } from "../../src/time/iso.js";
import { parseTimeRange, type TimeRange } from "../../src/time/time-range.js";
import { resolveZone } from "../../src/time/zone.js";

export interface Setting {
  zone?: string;
  now?: string;
  granularity?: "second" | "minute";
  retention?: number;
}

/** A Friday morning: 08:30:15.500 in Berlin. */
const friday = "2026-11-20T07:30:15.500Z";

export function parse(from: string, to: string | undefined, setting: Setting = {}): TimeRange {
  const { zone = "Europe/Berlin", now = friday, granularity, retention } = setting;
  return parseTimeRange(from, to, {
    zone: resolveZone(zone),
    now: Date.parse(now),
    ...(granularity && { granularity }),
    ...(retention && { retention }),
  });
}

/** Both ends of a range, which have to be whole seconds. */
export function utc(range: TimeRange): string {
  for (const bound of [range.from, range.to]) expect(bound % 1000).toBe(0);
  return `${toUtcSeconds(range.from)} ${toUtcSeconds(range.to)}`;
}
