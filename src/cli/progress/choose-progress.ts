import type { RunLog } from "../log/run-log.js";
import type { Edges } from "../process/edges.js";
import { ProgressBar } from "./progress-bar.js";
import { type ProgressDisplay, silentProgress } from "./progress-display.js";
import { ProgressLines } from "./progress-lines.js";

interface ProgressChoice {
  readonly quiet: boolean;
  readonly verbose: boolean;
  /** What the progress is of, where a run has several. */
  readonly name?: string;
}

/** How a run shows its progress: a bar on a terminal, lines in a log, or not at all. */
export function chooseProgress(
  { quiet, verbose, name }: ProgressChoice,
  log: RunLog,
  { stderr, clock, env }: Edges,
): ProgressDisplay {
  if (quiet) {
    return silentProgress;
  }
  // The lines of --verbose would tear a bar apart.
  if (stderr.isTTY && env.TERM !== "dumb" && !verbose && !log.isJson) {
    return new ProgressBar(stderr, clock);
  }
  return new ProgressLines(
    ({ event, message, facts }) =>
      name === undefined
        ? log.write("info", event, message, facts)
        : log.write("info", event, `${name}: ${message}`, { name, ...facts }),
    clock,
    verbose,
  );
}
