import { systemClock } from "../../dist/command-line.js";

/** A clock that runs so many times as fast as the system's. */
export function fastClock(speed = 100) {
  const started = systemClock.now();
  return {
    now: () => started + (systemClock.now() - started) * speed,
    sleep: (milliseconds, signal) => systemClock.sleep(milliseconds / speed, signal),
  };
}

/** A clock that begins at a time. What it waits for is over at once, and moves the clock on. */
export function datedClock(time) {
  const speed = 10_000;
  let shift = Date.parse(time) - systemClock.now();
  const now = () => systemClock.now() + shift;
  return {
    now,
    async sleep(milliseconds, signal) {
      const end = now() + milliseconds;
      await systemClock.sleep(milliseconds / speed, signal);
      // Of several that wait at once, the one that waits longest moves the clock.
      shift += Math.max(0, end - now());
    },
  };
}
