// Runs `sparky-events serve` on made-up events in memory in the place of a store. SERVE has, as JSON, the
// options, the number of events, and how long a search takes.

import { serveStore } from "../../dist/cli/commands/serve/serve-store.js";
import { RunLog } from "../../dist/cli/log/run-log.js";
import { followSignals } from "../../dist/cli/process/signals.js";
import { processEdges } from "../../dist/cli/start.js";
import { systemClock } from "../../dist/clock.js";
import { resolveServeSettings } from "../../dist/config/serve-settings.js";
import { generateEvents } from "../../dist/sandbox/generated-events.js";
import { SimulatedSearch } from "../../dist/sandbox/simulated-search.js";

const { options, events, searchTime, format } = JSON.parse(process.env.SERVE);
const edges = processEdges(systemClock, followSignals());
const { settings, warnings } = resolveServeSettings({ options });
const log = new RunLog(edges, { format, quiet: false, verbose: false, timed: true });
const source = generateEvents({ events, seed: 7, now: Date.now() });
const search = new SimulatedSearch(source, Date.now);
const store = {
  name: "made-up.duckdb",
  search: {
    async find(query, page, signal) {
      await systemClock.sleep(searchTime, signal);
      return await search.find(query, page, signal);
    },
  },
  async check() {},
  async close() {
    process.stdout.write("store closed\n");
  },
};
await serveStore(async () => store, { settings, warnings, log }, edges);
process.exit();
