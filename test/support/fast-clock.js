// Starts the compiled command line as bin/sparky-events.js does, on a clock that runs a hundred
// times as fast. Writes the process's peak memory (bytes) to the file that PEAK_MEMORY_FILE names.
import { writeFileSync } from "node:fs";
import { start } from "../../dist/command-line.js";
import { fastClock } from "./clocks.js";

const { PEAK_MEMORY_FILE } = process.env;
if (PEAK_MEMORY_FILE) {
  process.on("exit", () => {
    writeFileSync(PEAK_MEMORY_FILE, String(process.resourceUsage().maxRSS * 1024));
  });
}

await start(fastClock());
