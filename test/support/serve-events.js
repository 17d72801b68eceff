// Runs `sparky-events serve` on made-up events in memory in the place of a store. SERVE has, as JSON, the
// options, the number of events, and how long a search takes.

import { loadServing, systemClock } from "../../dist/command-line.js";

const {
  serveStore,
  RunLog,
  followSignals,
  processEdges,
  resolveServeSettings,
  generateEvents,
  SimulatedSearch,
} = await loadServing();
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
  async coverage() {
    return { missing: [], unproven: false };
  },
  async check() {},
  async close() {
    process.stdout.write("store closed\n");
  },
};
await serveStore(async () => store, { settings, warnings, log }, edges);
process.exit();
