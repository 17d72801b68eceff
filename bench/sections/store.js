import { fileURLToPath } from "node:url";
import { openStore, parseStoreAddress, searchFilters } from "../../dist/index.js";
import { timeProcess } from "../child.js";
import { columnSets } from "../columns.js";
import { openDuckDb } from "../databases/duckdb.js";
import { openPostgres } from "../databases/postgres.js";
import { forEachFileOfEvents } from "../event-lines.js";
import { formatCount, formatRatio, formatTimes, printHeading, printTable } from "../report.js";
import { median, medianRatio, runRounds } from "../rounds.js";
import { eventsPerPage, settings } from "../settings.js";
import { emptyConfig, fileInWorkspace } from "../workspace.js";

const binary = fileURLToPath(new URL("../../bin/sparky-events.js", import.meta.url));
const day = 86_400_000;
const { signal } = new AbortController();

/** A database of events, beside one that has them as JSON in one column. */
export async function measureStore() {
  const targets = [];
  for (const open of [openDuckDb, openPostgres]) {
    const database = await open();
    if (database) {
      try {
        targets.push(...(await measureDatabase(database)));
      } finally {
        await database.close();
      }
    }
  }
  return targets;
}

async function measureDatabase(database) {
  const { storeEvents: events, rounds } = settings;
  const title = `store, ${database.name}`;
  process.stderr.write(`${title}: loading\n`);
  const loading = await load(database, events);
  Object.assign(process.env, database.env);
  const store = await openStore(parseStoreAddress(database.address, false), {
    mode: "read",
    create: false,
  });
  try {
    const size = (await store.info()).bytesOnDisk / events;
    const referenceSize = (await database.referenceBytes()) / events;
    const times = await timeSearches(store, database, rounds, title);
    const exports = await timeExports(store, database, rounds, title);

    printHeading(`Store in ${database.name}: ${formatCount(events)} events; ${rounds} rounds`);
    printTable([
      ["", "this tool", "one JSON column"],
      ["load", ...[loading.own, loading.reference].map((time) => perSecond(events, time))],
      ["on disk", ...[size, referenceSize].map((bytes) => `${bytes.toFixed(0)} bytes/event`)],
      ["export, 15 columns", perSecond(events, median(exports)), ""],
    ]);
    console.log();
    printTable([
      ["search", "median", "range", "one JSON column", "range", "as fast"],
      ...Object.keys(searches).map((name) => [
        name,
        ...formatTimes(times.get(name)),
        ...formatTimes(times.get(`${name}, reference`)),
        formatRatio(medianRatio(times.get(`${name}, reference`), times.get(name))),
      ]),
    ]);
    return targetsOf(database.name, times, events / (median(exports) / 1000));
  } finally {
    await store.close();
  }
}

/** @returns {Promise<{ own: number, reference: number }>} milliseconds */
async function load({ address, env, loadReference }, events) {
  const spent = { own: 0, reference: 0 };
  await forEachFileOfEvents(events, async (path) => {
    const args = [binary, "load", path, "--to", address, "--quiet"];
    spent.own += await timeProcess({ command: process.execPath, args, env });
    const started = performance.now();
    await loadReference(path);
    spent.reference += performance.now() - started;
  });
  return spent;
}

const newestFirst = `order by (event->>'timestamp') desc, (event->>'event_id') desc`;
const recipients = searchFilters.find(({ name }) => name === "recipients");

/** What is searched for, and how the predecessor did: by an offset, and through all events each time. */
const searches = {
  "a recipient": {
    own: ({ find, all }, { recipient }) =>
      find({ ...all, filters: [{ filter: recipients, values: [recipient] }] }, { limit: 1_000 }),
    reference: (query, { recipient }) =>
      query(
        `select event from predecessor where (event->>'rcpt_to') = $1 ${newestFirst} limit 1000 offset 0`,
        [recipient],
      ),
  },
  "first page": pageSearch("first"),
  "middle page": pageSearch("middle"),
  "last page": pageSearch("last"),
  "count of a day": {
    own: async ({ store }, { from }) => store.count([{ start: from, end: from + day }]),
    reference: (query, { from }) =>
      query(
        "select count(*) from predecessor where (event->>'timestamp') >= $1 and (event->>'timestamp') < $2",
        [new Date(from).toISOString(), new Date(from + day).toISOString()],
      ),
  },
};

function pageSearch(which) {
  return {
    own: ({ find, all, places }) => find(all, { limit: eventsPerPage, after: places[which] }),
    reference: (query, { offsets }) =>
      query(`select event from predecessor ${newestFirst} limit ${eventsPerPage} offset $1`, [
        offsets[which],
      ]),
  };
}

async function timeSearches(store, { query }, rounds, title) {
  const { events, oldest, newest } = await store.info();
  const all = { from: oldest, to: newest + 1, types: undefined, filters: [], metadata: [] };
  const find = (search, page) => store.find(search, { after: undefined, ...page }, signal);
  const offsets = { first: 0, middle: events >> 1, last: Math.max(0, events - eventsPerPage) };
  const placeAt = async (offset) =>
    offset === 0
      ? undefined
      : (await store.find(all, { limit: 1, offset: offset - 1 }, signal)).next;
  const places = {
    first: undefined,
    middle: await placeAt(offsets.middle),
    last: await placeAt(offsets.last),
  };
  // In each round another recipient, and another day.
  const samples = [];
  for (let round = 0; round <= rounds; round++) {
    const from = Math.floor(oldest + ((newest - oldest - day) * (round + 1)) / (rounds + 2));
    const { json } = await find({ ...all, to: from }, { limit: 1 });
    samples.push({ from, recipient: JSON.parse(String(json[0])).rcpt_to, offsets });
  }
  const own = { find, store, all, places };
  const timers = new Map();
  for (const [name, search] of Object.entries(searches)) {
    timers.set(
      name,
      inTurn(samples, (sample) => search.own(own, sample)),
    );
    timers.set(
      `${name}, reference`,
      inTurn(samples, (sample) => search.reference(query, sample)),
    );
  }
  process.stderr.write(`${title}: warming up\n`);
  await runRounds(timers, 1);
  return await runRounds(timers, rounds, title);
}

function inTurn(samples, work) {
  let turn = 0;
  return async () => {
    const started = performance.now();
    await work(samples[turn++ % samples.length]);
    return performance.now() - started;
  };
}

async function timeExports(store, { address, env }, rounds, title) {
  const { events, oldest, newest } = await store.info();
  await store.close();
  const output = fileInWorkspace("store.csv");
  const minute = (time) => new Date(time).toISOString().replace(/:[\d.]+Z$/, "Z");
  const args = [binary, minute(oldest), minute(newest), "--store", address];
  args.push("--config", emptyConfig, "--properties", columnSets[15].join(","));
  args.push("--out", output, "--quiet");
  const run = () => timeProcess({ command: process.execPath, args, creates: output, env });
  const times = await runRounds(new Map([["export", run]]), rounds, `${title}, export`);
  process.stderr.write(`${title}: ${formatCount(events)} events exported\n`);
  return times.get("export");
}

function perSecond(events, milliseconds) {
  return `${formatCount(events / (milliseconds / 1_000))} events/s`;
}

function targetsOf(name, times, exported) {
  const atMost = (search, limit) => ({
    name: `${search} in ${name}`,
    bound: "at most",
    limit,
    measured: median(times.get(search)),
    unit: " ms",
  });
  return [
    atMost("a recipient", name === "DuckDB" ? 100 : 20),
    atMost("first page", 200),
    atMost("middle page", 200),
    atMost("last page", 200),
    atMost("count of a day", 50),
    ...(name === "DuckDB"
      ? [
          {
            name: `events/s of an export from ${name}`,
            bound: "at least",
            limit: 100_000,
            measured: exported,
            unit: "",
          },
        ]
      : []),
  ];
}
