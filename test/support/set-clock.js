// Starts the compiled command line at the time that CLOCK_NOW gives (milliseconds since 1970). What it
// waits for is over at once, and moves its clock on.
import { start } from "../../dist/cli/start.js";
import { systemClock } from "../../dist/clock.js";

const speed = 10_000;
const started = systemClock.now();
let waited = 0;

const now = () => Number(process.env.CLOCK_NOW) + systemClock.now() - started + waited;

await start({
  now,
  async sleep(milliseconds, signal) {
    const end = now() + milliseconds;
    await systemClock.sleep(milliseconds / speed, signal);
    // Of several that wait at once, the one that waits longest moves the clock.
    waited += Math.max(0, end - now());
  },
});
