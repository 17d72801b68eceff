import { resolveLogFormat } from "../../../config/log-format.js";
import { resolveServeSettings } from "../../../config/serve-settings.js";
import { RunLog } from "../../log/run-log.js";
import type { Edges } from "../../process/edges.js";
import { readSources } from "../../settings/session.js";
import type { ServeGiven } from "./command.js";
import { openServedStore } from "./open-served-store.js";
import { serveStore } from "./serve-store.js";

/** Answers searches of a store until somebody stops it. */
export async function runServe(command: ServeGiven, edges: Edges): Promise<void> {
  const { sources, warnings } = await readSources(command, edges);
  const { settings, warnings: slips } = resolveServeSettings(sources);
  const log = new RunLog(edges, {
    format: resolveLogFormat(sources),
    quiet: command.quiet ?? false,
    verbose: command.verbose ?? false,
    timed: true,
  });
  const now = () => edges.clock.now();
  const open = () => openServedStore(settings.store, settings.limits.searches, now);
  await serveStore(open, { settings, warnings: [...warnings, ...slips], log }, edges);
}
