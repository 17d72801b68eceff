// Starts the compiled command line as bin/sparky-events.js does, on a clock that runs a hundred
// times as fast. Writes the process's peak memory (bytes) to the file that PEAK_MEMORY_FILE names.
import { writeFileSync } from "node:fs";
import { start } from "../../dist/cli/start.js";
import { systemClock } from "../../dist/clock.js";

const { PEAK_MEMORY_FILE } = process.env;
if (PEAK_MEMORY_FILE) {
  process.on("exit", () => {
    writeFileSync(PEAK_MEMORY_FILE, String(process.resourceUsage().maxRSS * 1024));
  });
}

const speed = 100;
const started = systemClock.now();

await start({
  now: () => started + (systemClock.now() - started) * speed,
  sleep: (milliseconds, signal) => systemClock.sleep(milliseconds / speed, signal),
});
