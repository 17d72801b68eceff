import { rm } from "node:fs/promises";
import { join } from "node:path";
import { makeTemporaryFolder } from "../../../files/temporary-folder.js";
import type { Edges } from "../../process/edges.js";
import { namedStore } from "../../settings/store-place.js";
import { wrapFor } from "../../terminal/wrap.js";
import { runCount } from "../count/run.js";
import { showInfo } from "../store/show-info.js";
import { runSync } from "../sync/run.js";
import { startStandIn } from "./start-stand-in.js";

/** Fills a store from a simulator, and asks it. */
export async function demonstrateStore(edges: Edges): Promise<void> {
  const folder = await makeTemporaryFolder("sparky-events-demo-");
  const store = join(folder, "events.duckdb");
  const own = { ...edges, env: { ...edges.env, SPARKPOST_API_KEY: "demo" } };
  const say = (line: string) => edges.stderr.write(`$ sparky-events ${line}\n`);
  try {
    const sandbox = await startStandIn(edges, {});
    try {
      say(`sync --to ${store} --host ${sandbox.origin}`);
      const settings = { host: sandbox.origin };
      await runSync({ to: store, dir: undefined, words: [], config: false, settings }, own);
    } finally {
      await sandbox.close();
    }
    // From here on, nobody is there but the store.
    say(`store info --store ${store}`);
    await showInfo(namedStore(store), "table", own);
    say(`count yesterday --bounce-classes hard --store ${store}`);
    const count = { from: "yesterday", to: undefined, words: ["yesterday"], store };
    await runCount({ ...count, config: false, settings: { "bounce-classes": "hard" } }, own);
  } catch (error) {
    await rm(folder, { recursive: true, force: true });
    throw error;
  }
  const next = [
    `The database: ${store}`,
    `To ask it as one asks SparkPost, with any program: npx sparky-events access add me --access ${store}.access`,
    `and then: npx sparky-events serve --store ${store}`,
    "For your own events: npx sparky-events init, then: npx sparky-events sync --to events.duckdb",
  ];
  edges.stdout.write(`\n${wrapFor(edges.stdout, `${next.join("\n")}\n`)}`);
}
