/** The door of the command: what starts it, and what runs many command lines in one process. */
export { main } from "./cli/main.js";
export { Interruption } from "./cli/process/signals.js";
export { start } from "./cli/start.js";
export { Screen } from "./cli/terminal/screen.js";
export { systemClock } from "./clock.js";
