/** The door of the command: what starts it, and what runs many command lines in one process. */
export { main } from "./cli/main.js";
export { Interruption } from "./cli/process/signals.js";
export { start } from "./cli/start.js";
export { Screen } from "./cli/terminal/screen.js";
export { systemClock } from "./clock.js";

/** What serves anything that can be searched, as `serve` serves a store. */
export async function loadServing() {
  const { serveStore } = await import("./cli/commands/serve/serve-store.js");
  const { RunLog } = await import("./cli/log/run-log.js");
  const { followSignals } = await import("./cli/process/signals.js");
  const { processEdges } = await import("./cli/start.js");
  const { resolveServeSettings } = await import("./config/serve-settings.js");
  const { generateEvents } = await import("./sandbox/generated-events.js");
  const { SimulatedSearch } = await import("./sandbox/simulated-search.js");
  return {
    serveStore,
    RunLog,
    followSignals,
    processEdges,
    resolveServeSettings,
    generateEvents,
    SimulatedSearch,
  };
}
