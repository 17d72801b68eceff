import { rm } from "node:fs/promises";
import { resolveLogFormat } from "../../../config/log-format.js";
import { countOf, formatCount } from "../../../count.js";
import { makeTemporaryFolder } from "../../../files/temporary-folder.js";
import type { EventStore } from "../../../store/event-store.js";
import { type LoadedLines, loadLines } from "../../../store/load-lines.js";
import { asFailure } from "../../failures/as-failure.js";
import { RunLog } from "../../log/run-log.js";
import type { Edges } from "../../process/edges.js";
import { openWhenFree } from "../../settings/open-when-free.js";
import { namedStore, workFolderOf } from "../../settings/store-place.js";
import { createStyle } from "../../terminal/style.js";
import type { LoadGiven } from "./command.js";
import { findLines, type LinesFile } from "./find-lines.js";

/** Loads files of events into a store. */
export async function runLoad(command: LoadGiven, edges: Edges): Promise<void> {
  const log = new RunLog(edges, {
    format: resolveLogFormat({ options: command.settings }),
    quiet: command.quiet ?? false,
    verbose: command.verbose ?? false,
    timed: !edges.stderr.isTTY,
  });
  try {
    await loadAll(command, log, edges);
  } catch (error) {
    throw log.fail(asFailure(error));
  }
}

async function loadAll({ words, to }: LoadGiven, log: RunLog, edges: Edges) {
  const address = namedStore(to);
  const files: LinesFile[] = [];
  // A name that is wrong is said before anything is loaded.
  for (const word of words) {
    files.push(await findLines(word, edges));
  }
  const store = await openWhenFree(address, workFolderOf(address, edges), edges);
  try {
    log.start({ store: store.name }, store.name);
    await loadInto(store, files, log, edges);
  } finally {
    await store.discardIfEmpty();
    await store.close();
  }
}

async function loadInto(
  store: EventStore,
  files: readonly LinesFile[],
  log: RunLog,
  edges: Edges,
): Promise<void> {
  const work = await makeTemporaryFolder("sparky-events-");
  const total = { lines: 0, added: 0 };
  try {
    for (const { name, read } of files) {
      const { clock, signal } = edges;
      const tell = ({ lines, added }: LoadedLines) =>
        log.write("info", "progress", `${name}: ${describe(lines, added)}`, { name, lines, added });
      const { lines, added } = await loadLines(read(), {
        store,
        work,
        name,
        signal,
        clock,
        onLoaded: tell,
      });
      total.lines += lines;
      total.added += added;
    }
  } finally {
    await rm(work, { recursive: true, force: true });
  }
  const { green } = createStyle(edges.stderr, edges.env);
  const mark = log.isJson ? "" : `${green("✔")} `;
  const { events: rows } = await store.info();
  log.finish(
    "finished",
    `${mark}${store.name}: ${countOf(rows, "event")}; ${describe(total.lines, total.added)}`,
    { complete: true, files: files.length, lines: total.lines, added: total.added, rows },
  );
}

function describe(lines: number, added: number): string {
  return `${formatCount(lines)} loaded, ${added === lines ? "all" : formatCount(added)} new`;
}
