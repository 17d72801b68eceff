/** How large and how long the benchmark is; README.md says what each variable means. */
export const settings = {
  events: readCount("BENCH_EVENTS", 600_000),
  rounds: readCount("BENCH_ROUNDS", 5),
  latencyEvents: readCount("BENCH_LATENCY_EVENTS", 800_000),
  latency: readCount("BENCH_LATENCY", 500),
  memoryEvents: [
    readCount("BENCH_MEMORY_EVENTS_SMALL", 200_000),
    readCount("BENCH_MEMORY_EVENTS_LARGE", 1_000_000),
  ],
  startupRounds: readCount("BENCH_STARTUP_ROUNDS", 21),
  storeEvents: readCount("BENCH_STORE_EVENTS", 300_000),
  parts: readParts(),
};

export const eventsPerPage = 10_000;

function readCount(name, fallback) {
  const text = process.env[name] || String(fallback);
  if (!/^[1-9]\d*$/.test(text)) {
    throw new Error(`${name}: "${text}" is not a whole number above 0.`);
  }
  return Number(text);
}

function readParts() {
  const all = ["throughput", "latency", "memory", "startup", "store"];
  const parts = process.env.BENCH_PARTS ? process.env.BENCH_PARTS.split(",") : all;
  const unknown = parts.find((part) => !all.includes(part));
  if (unknown !== undefined) {
    throw new Error(`BENCH_PARTS: "${unknown}" is none of ${all.join(", ")}.`);
  }
  return parts;
}
