// Starts the compiled command line as bin/sparky-events.js does, on a clock that begins at the time
// that CLOCK names. What it waits for is over at once.
import { start } from "../../dist/command-line.js";
import { datedClock } from "./clocks.js";

await start(datedClock(process.env.CLOCK ?? ""));
