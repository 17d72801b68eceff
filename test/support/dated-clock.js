// Starts the compiled command line as bin/sparky-events.js does, on a clock that begins at the time
// that CLOCK names, and whose waits take a hundredth of theirs.
import { start } from "../../dist/cli/start.js";
import { systemClock } from "../../dist/clock.js";

const shift = Date.parse(process.env.CLOCK ?? "") - systemClock.now();

await start({
  now: () => systemClock.now() + shift,
  sleep: (milliseconds, signal) => systemClock.sleep(milliseconds / 100, signal),
});
