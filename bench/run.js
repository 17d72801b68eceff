import { printMachine } from "./machine.js";
import { measureLatency } from "./sections/latency.js";
import { measureMemory } from "./sections/memory.js";
import { measureStartup } from "./sections/startup.js";
import { measureStore } from "./sections/store.js";
import { measureThroughput } from "./sections/throughput.js";
import { settings } from "./settings.js";
import { printTargets } from "./targets.js";

const measures = {
  throughput: measureThroughput,
  latency: measureLatency,
  memory: measureMemory,
  startup: measureStartup,
  store: measureStore,
};

const started = Date.now();
printMachine();
const targets = [];
for (const part of settings.parts) {
  targets.push(...(await measures[part]()));
}
printTargets(targets);
console.log(`\nTook ${((Date.now() - started) / 60_000).toFixed(1)} minutes.`);
