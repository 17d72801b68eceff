// Starts the compiled command line as bin/sparky-events.js does, on a clock that begins at the time
// that CLOCK names. What it waits for is over at once, and moves the clock on.
import { start } from "../../dist/cli/start.js";
import { systemClock } from "../../dist/clock.js";

const speed = 10_000;
let shift = Date.parse(process.env.CLOCK ?? "") - systemClock.now();

const now = () => systemClock.now() + shift;

await start({
  now,
  async sleep(milliseconds, signal) {
    const end = now() + milliseconds;
    await systemClock.sleep(milliseconds / speed, signal);
    // Of several that wait at once, the one that waits longest moves the clock.
    shift += Math.max(0, end - now());
  },
});
